"""Define names for PDF tests, and what is special about each."""

from __future__ import annotations

from typing import NamedTuple


class Name(NamedTuple):
    """A name and the fonts that can draw it. The first font that has a character draws it. Shipped fonts are given by name."""

    text: str
    fonts: tuple[str, ...] = ("NotoSans",)
    is_shaped: bool = False
    """Whether drawing the characters one after the other gets it wrong."""


#: Debian's font for Chinese, Japanese and Korean. It is an operator's asset with this slug.
CJK = "font_cjk"

NAMES = {
    "Latin": Name("Zoë Adjei-Łukasiewicz"),
    "Latin, decomposed": Name("Zoe\u0308 Adjei-Łukasiewicz"),
    "Polish": Name("Łukasz Żółć"),
    "Vietnamese": Name("Nguyễn Thị Ánh"),
    "Vietnamese, decomposed": Name("Nguye\u0302\u0303n Thi\u0323 A\u0301nh", is_shaped=True),
    "letters with free marks": Name("Ƒôńt M\u0323\u0301ara q\u0308\u0331", is_shaped=True),
    "apostrophes and dashes": Name("O’Brien–D’Souza"),
    "ligatures": Name("Affifi Offlinger"),
    "Greek": Name("Αλέξανδρος Παπαδόπουλος"),
    "Cyrillic": Name("Игорь Щукин"),
    "Armenian": Name("Արամ Խաչատրյան", ("NotoSansArmenian",)),
    "Georgian": Name("გიორგი ბერიძე", ("NotoSansGeorgian",)),
    "Hebrew": Name("לאה כהן", ("NotoSansHebrew",), is_shaped=True),
    "Hebrew with points": Name("לאה שָׁלוֹם", ("NotoSansHebrew",), is_shaped=True),
    "Arabic": Name("محمد عبد الله", ("NotoNaskhArabic",), is_shaped=True),
    "Arabic with lam-alef": Name("علاء سلامة", ("NotoNaskhArabic",), is_shaped=True),
    "Arabic with vowels": Name("مُحَمَّد", ("NotoNaskhArabic",), is_shaped=True),
    "Persian": Name("پریسا گلچین", ("NotoNaskhArabic",), is_shaped=True),
    "Urdu": Name("ڈاکٹر ٹیپو", ("NotoNaskhArabic",), is_shaped=True),
    "Arabic and Latin": Name("مريم Smith (مدير)", ("NotoNaskhArabic", "NotoSans"), is_shaped=True),
    "Latin and Arabic": Name("Maryam (مريم) Smith", ("NotoNaskhArabic", "NotoSans"), is_shaped=True),
    "Hebrew with a number": Name("לאה 42 כהן", ("NotoSansHebrew", "NotoSans"), is_shaped=True),
    "Devanagari": Name("आदित्य क्षत्रिय", ("NotoSansDevanagari",), is_shaped=True),
    "Bengali": Name("রবি ঠাকুর", ("NotoSansBengali",), is_shaped=True),
    "Gurmukhi": Name("ਗੁਰਪ੍ਰੀਤ ਸਿੰਘ", ("NotoSansGurmukhi",), is_shaped=True),
    "Gujarati": Name("કૃષ્ણા ત્રિવેદી", ("NotoSansGujarati",), is_shaped=True),
    "Tamil": Name("தமிழ் செல்வி", ("NotoSansTamil",), is_shaped=True),
    "Telugu": Name("రాముడు శర్మ", ("NotoSansTelugu",), is_shaped=True),
    "Kannada": Name("ಕನ್ನಡ ಗೌಡ", ("NotoSansKannada",), is_shaped=True),
    "Malayalam": Name("ശ്രീലക്ഷ്മി നായർ", ("NotoSansMalayalam",), is_shaped=True),
    "Sinhala": Name("සිංහල පෙරේරා", ("NotoSansSinhala",), is_shaped=True),
    "Thai": Name("สมชาย ใจดี", ("NotoSansThai",), is_shaped=True),
    "Thai with stacked marks": Name("น้ำผึ้ง กู้เกียรติ", ("NotoSansThai",), is_shaped=True),
    "Lao": Name("ນ້ຳຝົນ ດີ", ("NotoSansLao",), is_shaped=True),
    "Khmer": Name("សុខ ចាន់", ("NotoSansKhmer",), is_shaped=True),
    "Myanmar": Name("အောင် မြင့်", ("NotoSansMyanmar",), is_shaped=True),
    "Ethiopic": Name("አበበ ቢቂላ", ("NotoSansEthiopic",)),
    "Odia": Name("ଜଗନ୍ନାଥ ମହାପାତ୍ର", ("NotoSansOriya",), is_shaped=True),
    "Tibetan": Name("བཀྲ་ཤིས་རྡོ་རྗེ།", ("NotoSerifTibetan",), is_shaped=True),
    "Thaana": Name("އަލީ މުޙައްމަދު", ("NotoSansThaana",), is_shaped=True),
    "Syriac": Name("ܡܪܝܡ ܐܦܪܝܡ", ("NotoSansSyriac",), is_shaped=True),
    "N’Ko": Name("ߡߡߊ߬ߘߎ߫ ߞߐߣߕߍ߫", ("NotoSansNKo",), is_shaped=True),
    "Tifinagh": Name("ⵢⵓⴱⴰ ⴰⵎⵖⵏⴰⵙ", ("NotoSansTifinagh",), is_shaped=True),
    "Vai": Name("ꕙꔤ ꖢꔦ", ("NotoSansVai",)),
    "Cherokee": Name("ᏣᎳᎩ ᏎᏉᏯ", ("NotoSansCherokee",), is_shaped=True),
    "Canadian syllabics": Name("ᐃᓄᒃ ᑕᖅᑲᐅᓪᓗᒃ", ("NotoSansCanadianAboriginal",)),
    "Mongolian": Name("ᠪᠠᠲᠤ ᠮᠥᠩᠬᠡ", ("NotoSansMongolian",), is_shaped=True),
    "Yi": Name("ꆈꌠ ꁱꂷ", ("NotoSansYi",)),
    "Javanese": Name("ꦏꦿꦶꦱ꧀ꦤ ꦱꦸꦂꦪ", ("NotoSansJavanese",), is_shaped=True),
    "Balinese": Name("ᬓᬢᬸᬢ᭄ ᬲᬸᬭ᭄ᬬ", ("NotoSansBalinese",), is_shaped=True),
    "Meetei Mayek": Name("ꯃꯤꯇꯩ ꯇꯣꯝꯕꯥ", ("NotoSansMeeteiMayek",), is_shaped=True),
    "Ol Chiki": Name("ᱥᱟᱱᱛᱟᱲ ᱢᱩᱨᱢᱩ", ("NotoSansOlChiki",)),
    "Tai Tham": Name("ᩃᩢ᩠ᨶᨶᩣ ᨾᩮᩬᩥᨦ", ("NotoSansTaiTham",), is_shaped=True),
    "Chinese": Name("王小明", (CJK,)),
    "Japanese, beyond 16 bits": Name("𠮷野家", (CJK,)),
    "Korean": Name("김철수", (CJK,)),
    "emoji": Name("Ada 👩🏽‍🎓", ("NotoSans", "NotoEmoji"), is_shaped=True),
    "70 letters": Name("Maximiliana Wolfeschlegelsteinhausen Featherstonehaugh of Llanfairpwll"),
    "one letter": Name("X"),
    "one ideograph": Name("李", (CJK,)),
}
