"""Give a word or two for each shipped font of a script. Each is written as its readers write, with marks and joined letters."""

from itertools import islice

from learning_credentials.pdf.fonts.blocks import SCRIPT_BLOCKS
from learning_credentials.pdf.fonts.loading import get_builtin_font
from learning_credentials.pdf.fonts.names import EMOJI

_WORDS = {
    "NotoNaskhArabic": "محمد عبدالرحمن",
    "NotoSansAdlam": "𞤃𞤢𞤥𞤢𞤣𞤵 𞤄𞤢𞥄",
    "NotoSansArmenian": "Արամ Խաչատրյան",
    "NotoSansBalinese": "ᬓᬢᬸᬢ᭄ ᬲᬸᬭ᭄ᬬ",
    "NotoSansBatak": "ᯅᯖᯂ᯲ ᯑᯩᯅᯖ",
    "NotoSansBengali": "রবি ঠাকুর",
    "NotoSansBuginese": "ᨕᨉᨗ ᨒᨛᨕᨗ",
    "NotoSansCanadianAboriginal": "ᐃᓄᒃ ᑕᖅᑲᐅᓪᓗᒃ",
    "NotoSansChakma": "𑄌𑄋𑄴𑄟𑄳𑄦 𑄞𑄌𑄴",
    "NotoSansCham": "ꨌꩌ ꨇꨯꩍ",
    "NotoSansCherokee": "ᏣᎳᎩ ᏎᏉᏯ",
    "NotoSansCoptic": "ⲙⲁⲣⲓⲁ ⲡϣⲏⲣⲓ",
    "NotoSansDevanagari": "आदित्य क्षत्रिय",
    "NotoSansEthiopic": "አበበ ቢቂላ",
    "NotoSansGeorgian": "გიორგი ბერიძე",
    "NotoSansGujarati": "કૃષ્ણા ત્રિવેદી",
    "NotoSansGurmukhi": "ਗੁਰਪ੍ਰੀਤ ਸਿੰਘ",
    "NotoSansHanifiRohingya": "𐴔𐴟𐴇𐴔𐴝𐴘",
    "NotoSansHebrew": "לאה שָׁלוֹם",
    "NotoSansJavanese": "ꦏꦿꦶꦱ꧀ꦤ ꦱꦸꦂꦪ",
    "NotoSansKannada": "ಕನ್ನಡ ಗೌಡ",
    "NotoSansKayahLi": "ꤊꤢꤛꤢ꤭ ꤜꤤ",
    "NotoSansKhmer": "សុខ ចាន់",
    "NotoSansLao": "ນ້ຳຝົນ ດີ",
    "NotoSansLepcha": "ᰛᰩᰵ ᰀᰥᰬᰳ",
    "NotoSansLimbu": "ᤕᤰᤌᤢᤱ ᤐᤠᤴ",
    "NotoSansLisu": "ꓡꓲꓢꓴ ꓐꓲ",
    "NotoSansMalayalam": "ശ്രീലക്ഷ്മി നായർ",
    "NotoSansMandaic": "ࡌࡀࡍࡃࡀ ࡉࡀࡄࡉࡀ",
    "NotoSansMeeteiMayek": "ꯃꯤꯇꯩ ꯇꯣꯝꯕꯥ",
    "NotoSansMongolian": "ᠪᠠᠲᠤ ᠮᠥᠩᠬᠡ",
    "NotoSansMyanmar": "အောင် မြင့်",
    "NotoSansNKo": "ߡߡߊ߬ߘߎ߫ ߞߐߣߕߍ߫",
    "NotoSansNewTaiLue": "ᦟᦲᧉ ᦎᦷᦑᦺ",
    "NotoSansNewa": "𑐣𑐾𑐥𑐵𑐮 𑐨𑐵𑐲𑐵",
    "NotoSansOlChiki": "ᱥᱟᱱᱛᱟᱲ ᱢᱩᱨᱢᱩ",
    "NotoSansOriya": "ଜଗନ୍ନାଥ ମହାପାତ୍ର",
    "NotoSansOsage": "𐓏𐓘𐓻𐓘𐓻𐓟",
    "NotoSansRejang": "ꤰꥈꤶ꥓ ꤽꥍ",
    "NotoSansSaurashtra": "ꢱꣃꢬꢵꢰ꣄ꢜ꣄ꢬ",
    "NotoSansSinhala": "සිංහල පෙරේරා",
    "NotoSansSundanese": "ᮃᮏᮦᮕ᮪ ᮞᮥᮔ᮪ᮓ",
    "NotoSansSylotiNagri": "ꠍꠤꠟꠐꠤ ꠘꠣꠉꠞꠤ",
    "NotoSansSyriac": "ܡܪܝܡ ܐܦܪܝܡ",
    "NotoSansTagalog": "ᜋᜇᜒᜌ ᜊᜌᜈᜒ",
    "NotoSansTaiLe": "ᥖᥭᥰ ᥘᥫᥴ",
    "NotoSansTaiTham": "ᩃᩢ᩠ᨶᨶᩣ ᨾᩮᩬᩥᨦ",
    "NotoSansTaiViet": "ꪼꪕ ꪒꪾ",
    "NotoSansTamil": "தமிழ் செல்வி",
    "NotoSansTamilSupplement": "𑿀𑿅",
    "NotoSansTelugu": "రాముడు శర్మ",
    "NotoSansThaana": "އަލީ މުޙައްމަދު",
    "NotoSansThai": "น้ำผึ้ง กู้เกียรติ",
    "NotoSansTifinagh": "ⵢⵓⴱⴰ ⴰⵎⵖⵏⴰⵙ",
    "NotoSansTirhuta": "𑒧𑒻𑒟𑒱𑒪𑒲",
    "NotoSansVai": "ꕙꔤ ꖢꔦ",
    "NotoSansYi": "ꆈꌠ ꁱꂷ",
    "NotoSerifTibetan": "བཀྲ་ཤིས་རྡོ་རྗེ།",
}


def list_letters(font):
    """Return the letters of a shipped font that belong to its blocks."""
    characters = get_builtin_font(font).characters
    points = (point for first, last, name in SCRIPT_BLOCKS if name == font for point in range(first, last + 1))
    return [chr(point) for point in points if point in characters and chr(point).isalpha()]


def _make_words(font):
    """Return two words of six letters of a script, from all over its alphabet."""
    letters = list_letters(font)
    chosen = list(islice(letters[:: max(1, len(letters) // 12)], 12))
    return f"{''.join(chosen[:6])} {''.join(chosen[6:])}"


FONTS = tuple(sorted({font for _, _, font in SCRIPT_BLOCKS} - {EMOJI}))
#: A sample by the name of the font.
SAMPLES = {font: _WORDS.get(font) or _make_words(font) for font in FONTS}
