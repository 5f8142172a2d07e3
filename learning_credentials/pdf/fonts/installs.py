"""Say which font has a script that no shipped font has, and how to install it."""

from __future__ import annotations

from typing import NamedTuple

from fontTools.unicodedata import script

from learning_credentials.conf import SETTING_NAME
from learning_credentials.pdf.fonts.names import is_east_asian
from learning_credentials.pdf.fonts.scripts import has_extra

_DEBIAN = "/usr/share/fonts/truetype/noto"
_NOTO = "https://notofonts.github.io"
_HAN, _SYMBOLS = "Hani", "Zyyy"


class Install(NamedTuple):
    """Where a font for some scripts comes from."""

    scripts: tuple[str, ...]
    """Their codes in ISO 15924."""
    extra: str = ""
    """The extra of this package that has the font."""
    package: str = ""
    """The package of Debian and Ubuntu that has the font."""
    files: tuple[str, ...] = ()
    """The font files of the Debian package."""
    family: str = ""
    """The family to download."""

    def describe(self) -> str:
        """Return what to do, as the end of a sentence."""
        if self.extra:
            return f"install the extra {self.extra}"
        if self.package:
            return (
                f"install {self.package} (Debian, Ubuntu), and name {', '.join(self.files)} in "
                f"{SETTING_NAME}['FALLBACK_FONTS']"
            )
        return f"download {self.family} from {_NOTO}, and name the file in {SETTING_NAME}['FALLBACK_FONTS']"


def _from_debian(tag: str, *names: str) -> Install:
    return Install((tag,), package="fonts-noto-core", files=tuple(f"{_DEBIAN}/{name}-Regular.ttf" for name in names))


INSTALLS = (
    Install((_HAN, "Hira", "Kana", "Hang", "Bopo"), extra="django-learning-credentials[cjk]"),
    _from_debian("Tang", "NotoSerifTangut"),
    _from_debian("Sgnw", "NotoSansSignWriting"),
    _from_debian("Brai", "NotoSansSymbols2"),
    _from_debian(_SYMBOLS, "NotoSansSymbols", "NotoSansSymbols2", "NotoSansMath"),
    *(
        Install((tag,), family=family)
        for tag, family in (
            ("Chrs", "Noto Sans Chorasmian"),
            ("Cpmn", "Noto Sans Cypro Minoan"),
            ("Diak", "Noto Serif Dives Akuru"),
            ("Kawi", "Noto Sans Kawi"),
            ("Kits", "Noto Serif Khitan Small Script"),
            ("Maka", "Noto Serif Makasar"),
            ("Nagm", "Noto Sans Nag Mundari"),
            ("Nand", "Noto Sans Nandinagari"),
            ("Ougr", "Noto Serif Old Uyghur"),
            ("Sunu", "Noto Sans Sunuwar"),
            ("Tnsa", "Noto Sans Tangsa"),
            ("Todr", "Noto Serif Todhri"),
            ("Toto", "Noto Serif Toto"),
            ("Vith", "Noto Serif Vithkuqi"),
        )
    ),
)
_BY_SCRIPT = {tag: install for install in INSTALLS for tag in install.scripts}


def find_install(character: str) -> Install | None:
    """Return how to install a font for a character.

    Return None if no font is known, or if the extra that should have it is installed.
    """
    tag = script(character)
    if tag == _SYMBOLS and is_east_asian(character):
        tag = _HAN
    found = _BY_SCRIPT.get(tag)
    return None if found and found.extra and has_extra() else found
