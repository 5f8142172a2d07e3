"""Capitals, language by language; the expected are what Unicode and CLDR say, or what is printed there."""

import pytest

from learning_credentials.pdf.fonts.loading import get_builtin_font
from learning_credentials.pdf.page.text_layout import place_text
from learning_credentials.pdf.page.text_style import TextStyle
from learning_credentials.pdf.template.geometry import Geometry
from learning_credentials.pdf.text.cleaning import clean

CAPITALS = [
    ("", "Zoë Adjei-Łukasiewicz", "ZOË ADJEI-ŁUKASIEWICZ"),
    ("en", "istanbul ﬁn", "ISTANBUL FIN"),
    ("tr", "İpek Işık ilkbahar", "İPEK IŞIK İLKBAHAR"),
    ("az-Latn-AZ", "i\u0307lham ili", "İLHAM İLİ"),
    ("de", "Weißmüller, Straße", "WEISSMÜLLER, STRASSE"),
    ("nl", "ijsje \u0133", "IJSJE \u0132"),
    ("lt", "i\u0307\u0301 \u012f\u0307\u0301 Jonas", "Í \u012e\u0301 JONAS"),
    ("en", "i\u0307", "İ"),
    ("el", "Αλέξανδρος Παπαδόπουλος", "ΑΛΕΞΑΝΔΡΟΣ ΠΑΠΑΔΟΠΟΥΛΟΣ"),
    ("en", "Μαΐου προϋπόθεση", "ΜΑΪΟΥ ΠΡΟΫΠΟΘΕΣΗ"),
    ("el", "Μάιος, άυλος, αύριο", "ΜΑΪΟΣ, ΑΫΛΟΣ, ΑΥΡΙΟ"),
    ("el", "ο ένας ή ο άλλος, ἢ ἡ ᾠδή", "Ο ΕΝΑΣ Ή Ο ΑΛΛΟΣ, Η Η ΩΙΔΗ"),
    ("el", "Ἀθῆναι", "ΑΘΗΝΑΙ"),
    ("hy", "Սևակ", "ՍԵՎԱԿ"),
    ("hyw", "Սևակ", "ՍԵՒԱԿ"),
    ("ka", "გიორგი beridze", "გიორგი BERIDZE"),
    ("ga", "na hÉireann, an tAthair, ár nAthair, n-athair", "NA hÉIREANN, AN tATHAIR, ÁR nATHAIR, nATHAIR"),
    ("ga", "i mBaile gCaisleán bhFear bPáirc dTír nGall tSráid", "I mBAILE gCAISLEÁN bhFEAR bPÁIRC dTÍR nGALL tSRÁID"),
    ("ga", "Seán t-ospidéal bhean", "SEÁN tOSPIDÉAL BHEAN"),
    ("en", "nAthair", "NATHAIR"),
    ("ar", "محمد", "محمد"),
    ("ru", "Игорь Щукин", "ИГОРЬ ЩУКИН"),
    ("vi", "Nguyễn Thị Ánh", "NGUYỄN THỊ ÁNH"),
]


@pytest.mark.parametrize(("language", "text", "expected"), CAPITALS)
def test_capitals_are_those_of_the_language(language, text, expected):
    element = TextStyle(size=10, uppercase=True, y=100)
    page = Geometry(2000, 400, (1, 0, 0, 1, 0, 0))
    lines, missing = place_text(element, clean(text), (get_builtin_font("NotoSans"),), page, language)
    assert [item.line.text for item in lines] == [expected]
    assert missing == []
