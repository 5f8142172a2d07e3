"""Generate made-up names and headings.

No name is repeated in a cohort of a size that a process could cache. If a cached text served another learner, the measurement would leave
out the shaping and the fonts that each learner costs.
"""

from __future__ import annotations

from functools import cache
from itertools import chain
from math import gcd, prod

CONTEXT = {
    "latin": "Marine Biology for Beginners",
    "arabic": "مدخل إلى علم الأحياء البحرية",
    "chinese": "海洋生物学入门",
}
LANGUAGE = {"latin": "en", "arabic": "ar", "chinese": "zh"}

#: How a name is composed, and the values of its parts.
_PATTERNS = {"latin": "{}{} {}{}", "arabic": "{} {} {}", "chinese": "{}{}{}"}
_PARTS = {
    "latin": (
        "Ad Ann Bjö Chlo Dan Éli Far Giu Hå Ing Jak Kat Lud Mał No Oliv Ped Ren Sö Tom Ur Vik Yv Zo",
        "a bert cia dra eřina gorzata iel ina jana kon lia mira nês ro sław ub",
        "Ander Brown Cost Dvoř Erik Fisch Garc Hor Ivan Jen Kowal Łucz Mül Nov Öst Pont Quis Rossi Šim Tor Vinc Weiß Yıl Žup",
        "a ák berg czak dóttir elli ez gaard ías kić ler mont nen os sen ška",
    ),
    "arabic": (
        "محمد فاطمة أحمد مريم يوسف زينب خالد ليلى عمر نور سعيد هدى سلمى طارق ريم بشير جميلة كريم ندى وليد",
        "علي حسن إبراهيم صالح ياسين مصطفى رشيد عثمان جعفر حمزة داود فؤاد منصور نبيل قاسم شريف عادل غسان لطفي توفيق",
        (
            "الأمين البستاني الحداد الخطيب الراوي الصباغ العطار النجار الورّاق الزيات "
            "الفارس القاضي الكاتب المصري الشامي التاجر الجزار الطحان السمّان اللبّان"
        ),
    ),
    "chinese": (
        "王 李 张 刘 陈 杨 黄 赵 周 吴 徐 孙 马 朱 胡 郭 何 林 高 罗 郑 梁 谢 宋",
        "小 丽 建 秀 志 雨 子 欣 浩 思 文 明 海 春 国 玉 晓 佳 家 永 立 天 美 德",
        "明 华 国 英 强 桐 轩 怡 然 远 平 兰 芳 军 红 伟 杰 敏 静 磊 洋 勇 艳 娟",
    ),
}
#: The step from one learner's name to the next one's. It makes neighbours different.
_STEP = 37_003


def get_name(number: int, script: str = "latin") -> str:
    """Return the name of the learner with this number."""
    parts, total = _list_parts(script)
    place = number * _STEP % total
    chosen = []
    for choices in reversed(parts):
        place, index = divmod(place, len(choices))
        chosen.append(choices[index])
    return _PATTERNS[script].format(*reversed(chosen))


def list_characters(script: str) -> set[str]:
    """Return the characters that a font needs for the names and the heading."""
    return set(chain(CONTEXT[script], *_PARTS[script]))


@cache
def _list_parts(script: str) -> tuple[tuple[list[str], ...], int]:
    """Return the values of a name's parts, and how many names there are before one is repeated."""
    parts = tuple(choices.split() for choices in _PARTS[script])
    total = prod(map(len, parts))
    if gcd(total, _STEP) != 1:
        msg = f"steps of {_STEP} pass some of the {total} names by"
        raise ValueError(msg)
    return parts, total
