"""Generate made-up names in many scripts. Any similarity to real people is a coincidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from random import Random


class NamePool(NamedTuple):
    """Names of one language. ``is_family_first`` sets their order."""

    language: str
    script: str
    given: tuple[str, ...]
    family: tuple[str, ...]
    is_family_first: bool = False


POOLS = (
    NamePool(
        "en",
        "Latin",
        ("Avery", "Morgan", "Rowan", "Siân", "Zoë", "Renée", "Imogen", "Callum", "Tamsin", "Fintan"),
        ("O’Brannick", "Whitcombe-Ray", "D’Solay", "Ashgrove", "McTarran", "Penhallow", "Fairleigh", "Oakhurst"),
    ),
    NamePool(
        "vi",
        "Latin",
        ("Thị Ánh", "Văn Hùng", "Minh Đức", "Ngọc Quỳnh", "Thùy Dương", "Hữu Phước", "Bảo Trâm", "Khánh Vỹ"),
        ("Nguyễn", "Trần", "Phạm", "Đặng", "Bùi", "Đỗ", "Huỳnh", "Vũ"),
        is_family_first=True,
    ),
    NamePool(
        "pl",
        "Latin",
        ("Łukasz", "Małgorzata", "Zdzisław", "Agnieszka", "Bożena", "Świętosława", "Michał", "Elżbieta"),
        ("Żołędziak", "Gęśla", "Ściborek", "Źródlak", "Brzęczek", "Łącznik", "Ćwiertnia", "Pędziwiatr"),
    ),
    NamePool(
        "cs",
        "Latin",
        ("Jiří", "Kateřina", "Zdeněk", "Růžena", "Tomáš", "Eliška", "Ondřej"),
        ("Šťastek", "Říha", "Dvořáček", "Kůň", "Žižka-Hrubý", "Čermáček"),
    ),
    NamePool(
        "is",
        "Latin",
        ("Þórdís", "Guðrún", "Sigurður", "Ægir", "Björk", "Örvar"),
        ("Þorláksdóttir", "Eiðsson", "Ögmundsson", "Hjálmarsdóttir", "Ísaksson"),
    ),
    NamePool(
        "tr",
        "Latin",
        ("Ayşegül", "Çağrı", "Işıl", "Gökçe", "İlker", "Şebnem", "Oğuz"),
        ("Yıldızoğlu", "Öztürkmen", "Çelebioğlu", "Gündoğan", "Şimşeker", "Ağırbaş"),
    ),
    NamePool(
        "el",
        "Greek",
        ("Ελένη", "Γιώργος", "Αθηνά", "Νίκος", "Καλλιόπη", "Θεόδωρος", "Ιωάννα", "Φώτης"),
        ("Παπαμιχάλης", "Αρβανιτίδη", "Ψυχάρης", "Ξενάκη", "Λιάπης", "Καρυώτη"),
    ),
    NamePool(
        "ru",
        "Cyrillic",
        ("Алёна", "Дмитрий", "Ксения", "Юрий", "Жанна", "Святослав", "Любовь", "Эдуард"),
        ("Шевчук", "Бойко", "Черных", "Седых", "Короленко", "Мельник", "Щебет"),
    ),
    NamePool(
        "uk",
        "Cyrillic",
        ("Їванна", "Олексій", "Соломія", "Ярослав", "Євгенія", "Ґава"),
        ("Ґердзюк", "Їжакевич", "Заєць", "Лісовенко", "Щербань", "Дзюба"),
    ),
    NamePool(
        "sr",
        "Cyrillic",
        ("Љубица", "Његош", "Ђорђе", "Јелена", "Живко", "Ћира"),
        ("Љубичић", "Ђукановић", "Џагић", "Њежић", "Жарковић"),
    ),
    NamePool(
        "ar",
        "Arabic",
        ("محمد", "فاطمة", "عبد الرحمن", "ليلى", "يوسف", "نورة", "خالد", "سلمى"),
        ("الحسيني", "المنصوري", "الزهراوي", "بن صالح", "القاسمي", "العطار"),
    ),
    NamePool(
        "fa",
        "Arabic",
        ("پریسا", "کیوان", "ژاله", "گلناز", "بهرام", "شیرین"),
        ("کریم‌زاده", "پورنگ", "گرگانی", "چمن‌آرا", "ژرفی"),
    ),
    NamePool(
        "he",
        "Hebrew",
        ("לאה", "דוד", "שירה", "יונתן", "נעמי", "אריאל", "תמר"),
        ("בן־ארי", "כרמלי", "שקדי", "אלון", "גלבוע", "צפריר"),
    ),
    NamePool(
        "hi",
        "Devanagari",
        ("आदित्य", "कृतिका", "श्रेया", "विक्रम", "दीप्ति", "हर्षवर्धन", "ज्योत्स्ना", "राघव"),
        ("क्षत्रिय", "मिश्रा", "त्रिवेदी", "श्रीवास्तव", "द्विवेदी", "वर्मा"),
    ),
    NamePool(
        "bn",
        "Bengali",
        ("অনন্যা", "শুভ্র", "কৃষ্ণেন্দু", "মৌসুমী", "জ্যোতি", "ঋত্বিক", "প্রিয়াঙ্কা"),
        ("চট্টোপাধ্যায়", "ভট্টাচার্য", "মজুমদার", "ঘোষাল", "চক্রবর্তী", "সরকার"),
    ),
    NamePool(
        "ta",
        "Tamil",
        ("கார்த்திகேயன்", "மீனாட்சி", "செல்வி", "அருண்", "பொன்னி", "ஸ்ரீராம்"),
        ("சுப்பிரமணியன்", "நடராஜன்", "முருகேசன்", "வேலுச்சாமி", "கோபாலன்"),
    ),
    NamePool(
        "th",
        "Thai",
        ("สมชาย", "กัญญารัตน์", "ปิ่นแก้ว", "ธีรวัฒน์", "น้ำฝน", "ศุภชัย"),
        ("ใจดี", "ทองสุข", "ศรีวิไล", "แก้วมณี", "รุ่งเรือง", "พฤกษา"),
    ),
    NamePool(
        "ka",
        "Georgian",
        ("ნინო", "გიორგი", "ქეთევან", "ლევან", "თამარ", "ზურაბ"),
        ("ჭანტურაშვილი", "წერეთელიძე", "ღვინიაშვილი", "ყიფშიძე", "ჯაფარია"),
    ),
    NamePool(
        "hy",
        "Armenian",
        ("Անահիտ", "Տիգրան", "Շուշան", "Վարդան", "Ծովինար", "Գևորգ"),
        ("Հովսեփյան", "Ղուկասյան", "Ճաղարյան", "Մկրտումյան", "Ջրաղացպանյան"),
    ),
    NamePool(
        "am",
        "Ethiopic",
        ("አበበ", "ፀሐይ", "ሰላማዊት", "ዮሐንስ", "ጽጌረዳ", "ቃልኪዳን"),
        ("ገብረማርያም", "ወልደጊዮርጊስ", "ኃይለሚካኤል", "ደስታ", "ጥላሁን"),
    ),
)

#: Names that break careless layouts: one letter, very long, decomposed letters with combining marks, and punctuation.
AWKWARD_NAMES = (
    ("en", "U"),
    ("pt", "Maria Antonieta Francisca Josefa de Albuquerque e Vasconcelos-Montenegro"),
    ("fr", "Zoe\u0308 Be\u0301renge\u0300re L’E\u0302tang"),
    ("en", "J. Q. O’Brannick–D’Solay III, Ph.D."),
    ("es", "María-José Ibáñez y Nuñoz"),
)


def make_name(rng: Random) -> tuple[str, str]:
    """Return (language, display name)."""
    if rng.random() < 0.02:
        return rng.choice(AWKWARD_NAMES)
    pool = rng.choice(POOLS)
    given, family = rng.choice(pool.given), rng.choice(pool.family)
    return pool.language, f"{family} {given}" if pool.is_family_first else f"{given} {family}"
