"""Made-up names and headings, enough of them that no two learners in a row are alike."""

from __future__ import annotations

FIRST = {
    "latin": [
        "Ada",
        "Björn",
        "Chloé",
        "Daniel",
        "Élise",
        "Farida",
        "Giulia",
        "Håkon",
        "Inês",
        "Jakub",
        "Kateřina",
        "Liam",
        "Małgorzata",
        "Noël",
        "Olivia",
        "Pedro",
    ],
    "arabic": ["محمد", "فاطمة", "أحمد", "مريم", "يوسف", "زينب", "خالد", "ليلى", "عمر", "نور", "سعيد", "هدى"],
    "chinese": ["王", "李", "张", "刘", "陈", "杨", "黄", "赵", "周", "吴", "徐", "孙"],
}
LAST = {
    "latin": [
        "Andersson",
        "Brown",
        "Costa",
        "Dvořák",
        "Eriksen",
        "Fischer",
        "García",
        "Horváth",
        "Ivanova",
        "Jensen",
        "Kowalska",
        "Łuczak",
        "Müller",
        "Novák",
    ],
    "arabic": ["الأمين", "البستاني", "الحداد", "الخطيب", "الراوي", "الصباغ", "العطار", "النجار", "الورّاق", "الزيات"],
    "chinese": ["小明", "丽华", "建国", "秀英", "志强", "雨桐", "子轩", "欣怡", "浩然", "思远"],
}
CONTEXT = {
    "latin": "Marine Biology for Beginners",
    "arabic": "مدخل إلى علم الأحياء البحرية",
    "chinese": "海洋生物学入门",
}
LANGUAGE = {"latin": "en", "arabic": "ar", "chinese": "zh"}


def get_name(number: int, script: str = "latin") -> str:
    """Return the name of the learner with a number."""
    first, last = FIRST[script], LAST[script]
    space = "" if script == "chinese" else " "
    given, family = first[number % len(first)], last[number // len(first) % len(last)]
    return f"{given}{space}{family}"
