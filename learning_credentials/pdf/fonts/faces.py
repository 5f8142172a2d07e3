"""Choose the face of a font file and its weight, which options name after the ``#`` in the name of a font.

The fragment after the ``#`` has parts separated by commas. A part is a face of a collection by its number (from 1, as in CSS) or its
PostScript name, an instance of a variable font by its English name, or a setting of an axis. Examples: ``2``,
``NotoSansCJKsc-Regular``, ``Bold``, ``wght=650``, ``2,Bold,wdth=80``.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import uharfbuzz as hb

from learning_credentials.exceptions import AssetError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_REGULAR_WEIGHT = 400
_NO_NAME = 0xFFFF
_FAMILY, _TYPOGRAPHIC_FAMILY, _POSTSCRIPT_PREFIX = 1, 16, 25
#: A PostScript name has at most 63 characters.
_MAX_NAME, _KEPT_OF_LONG_NAME = 63, 54
_MAX_LISTED = 24


@dataclass(frozen=True, slots=True)
class Face:
    """One face of a font file, at one place on its axes."""

    face: Any
    index: int
    variations: tuple[tuple[str, float], ...]
    name: str
    """Its PostScript name. It differs for each place on the axes, because programs treat two fonts of one name as the same."""
    is_default: bool
    """Whether it is the face that the name of the file alone means."""

    def derive_hash(self, sha256: str) -> str:
        """Return a hash for this choice. The default has the hash of the file, and every other choice has a different hash."""
        if self.is_default:
            return sha256
        return hashlib.sha256(f"{sha256} {self.index} {self.variations}".encode()).hexdigest()


def choose_face(blob: Any, fragment: str | None = None) -> Face:
    """Find the face that a fragment names. Without a fragment it is the first face, at the weight 400 or the nearest to it.

    Raises:
        AssetError: the file has no such face, instance or axis, or the value is outside of the axis. The message lists what there is.
    """
    index, names, settings = _sort_parts(blob, fragment)
    face = hb.Face(blob, index)
    usual = _get_usual_place(face)
    place = dict(usual)
    for name in names:
        place.update(_find_instance(face, name, fragment))
    for tag, value in settings.items():
        place[tag] = _check_setting(face, tag, value, fragment)
    return Face(face, index, tuple(place.items()), _name_face(face, place), is_default=index == 0 and place == usual)


def _sort_parts(blob: Any, fragment: str | None) -> tuple[int, list[str], dict[str, str]]:
    """Return the number of the face from 0, the names of places on its axes, and the settings of axes."""
    if fragment is None:
        return 0, [], {}
    faces: list[int] = []
    instances: list[str] = []
    names: list[str] = []
    settings: dict[str, str] = {}
    for part in (part.strip() for part in fragment.split(",")):
        tag, mark, value = (piece.strip() for piece in part.partition("="))
        if mark:
            if tag in settings:
                raise _refuse(fragment, f"the axis {tag} is set twice")
            settings[tag] = value
        elif not part:
            raise _refuse(fragment, "a face, an instance or a setting such as wght=700 is missing after the #")
        elif (found := _find_face(blob, part, fragment)) is not None:
            faces.append(found)
            names += [] if part.isdigit() else [part]
        else:
            instances.append(part)
    if len(faces) > 1 or len(instances) > 1:
        raise _refuse(fragment, "there is more than one " + ("face" if len(faces) > 1 else "instance"))
    # The name of a variable face means its default. An instance that is named too overrides it.
    return (faces or [0])[0], names + instances, settings


def _find_face(blob: Any, part: str, fragment: str) -> int | None:
    """Return the number of a face from 0, or None if the part does not name a face."""
    if part.isascii() and part.isdigit():
        count = hb.Face(blob).count
        if not 1 <= int(part[:9]) <= count:
            known = f"Its faces are {_list_faces(blob)}" if count > 1 else "The file has only one face"
            raise _refuse(fragment, f"there is no face {part}. {known}")
        return int(part) - 1
    wanted = _fold(part)
    return next((index for index, name in enumerate(_get_face_names(blob)) if _fold(name) == wanted), None)


def _find_instance(face: Any, name: str, fragment: str | None) -> Mapping[str, float]:
    wanted = _fold(name)
    if wanted == _fold(face.get_name(hb.OTNameIdPredefined.POSTSCRIPT_NAME) or ""):
        return {axis.tag: float(axis.default_value) for axis in _list_axes(face)}
    for instance in face.named_instances:
        numbers = (instance.subfamily_name_id, instance.postscript_name_id)
        if wanted in {_fold(face.get_name(number) or "") for number in numbers if number != _NO_NAME}:
            return _get_place(face, instance)
    blob = face.blob
    known = [f"Its faces are {_list_faces(blob)}"] if face.count > 1 else []
    known.append(_describe_axes(face))
    raise _refuse(fragment, f"'{name}' is neither a face nor an instance of the font. {'. '.join(known)}")


def _check_setting(face: Any, tag: str, value: str, fragment: str | None) -> float:
    axis = next((axis for axis in face.axis_infos if axis.tag == tag), None) if face.has_var_data else None
    if axis is None:
        raise _refuse(fragment, f"there is no axis '{tag}'. {_describe_axes(face)}")
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if math.isnan(number):
        raise _refuse(fragment, f"'{value}' is not a number for the axis {tag}")
    if not axis.min_value <= number <= axis.max_value:
        raise _refuse(fragment, f"the axis {tag} goes from {axis.min_value:g} to {axis.max_value:g}")
    return number


def _get_usual_place(face: Any) -> dict[str, float]:
    """Return the place on its axes at which a variable font is drawn unless options say otherwise."""
    if not face.has_var_data:
        return {}
    place = {axis.tag: float(axis.default_value) for axis in face.axis_infos}
    for axis in face.axis_infos:
        if axis.tag == "wght":
            # The default of some families is their thinnest weight. Nobody who gives the family's name means that.
            place["wght"] = float(min(max(_REGULAR_WEIGHT, axis.min_value), axis.max_value))
    return place


def _get_place(face: Any, instance: Any) -> dict[str, float]:
    tags = (axis.tag for axis in face.axis_infos)
    return dict(zip(tags, map(float, instance.design_coords), strict=True))


def _name_face(face: Any, place: Mapping[str, float]) -> str:
    """Return the PostScript name. For a place on the axes without a name, make one by Adobe's technical note 5902."""
    own = face.get_name(hb.OTNameIdPredefined.POSTSCRIPT_NAME) or ""
    moved = {axis.tag: place[axis.tag] for axis in _list_axes(face) if place[axis.tag] != axis.default_value}
    if not moved:
        return _make_name(own)
    names = (face.get_name(number) for number in (_POSTSCRIPT_PREFIX, _TYPOGRAPHIC_FAMILY, _FAMILY))
    prefix = next((name for name in map(_keep_letters, names) if name), "") or "Font"
    for instance in face.named_instances:
        if _get_place(face, instance) == place:
            number = instance.postscript_name_id
            given = face.get_name(number) if number != _NO_NAME else ""
            return _make_name(given or f"{prefix}-{_keep_letters(face.get_name(instance.subfamily_name_id))}")
    return _make_name(prefix + "".join(f"_{value:.7g}{tag}" for tag, value in moved.items()))


def _make_name(name: str) -> str:
    kept = "".join(letter for letter in name if letter.isascii() and (letter.isalnum() or letter in "-_."))
    if len(kept) > _MAX_NAME:
        kept = f"{kept[:_KEPT_OF_LONG_NAME]}-{hashlib.sha256(kept.encode()).hexdigest()[:8]}"
    return kept or "Font"


def _keep_letters(name: str | None) -> str:
    return "".join(letter for letter in name or "" if letter.isascii() and letter.isalnum())


def _list_axes(face: Any) -> Iterable[Any]:
    return face.axis_infos if face.has_var_data else ()


def _get_face_names(blob: Any) -> list[str]:
    faces = (hb.Face(blob, index) for index in range(hb.Face(blob).count))
    return [face.get_name(hb.OTNameIdPredefined.POSTSCRIPT_NAME) or "" for face in faces]


def _list_faces(blob: Any) -> str:
    return _shorten([f"{number} {name}".strip() for number, name in enumerate(_get_face_names(blob), start=1)])


def _describe_axes(face: Any) -> str:
    if not face.has_var_data:
        return "The font is not variable"
    axes = ", ".join(f"{axis.tag} from {axis.min_value:g} to {axis.max_value:g}" for axis in face.axis_infos)
    names = [name for item in face.named_instances if (name := face.get_name(item.subfamily_name_id))]
    return (f"Its instances are {_shorten(names)}. " if names else "") + f"Its axes are {axes}"


def _shorten(names: list[str]) -> str:
    rest = len(names) - _MAX_LISTED
    return ", ".join(names[:_MAX_LISTED]) + (f" and {rest} more" if rest > 0 else "")


def _fold(name: str) -> str:
    """Return a name in the form for comparing: "Semi Bold" and "SemiBold" are equal."""
    return "".join(letter for letter in name.casefold() if letter not in " -_")


def _refuse(fragment: str | None, reason: str) -> AssetError:
    return AssetError(f"'#{fragment}': {reason}")
