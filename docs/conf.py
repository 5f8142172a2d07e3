"""How the documentation is built. What the code can say itself is taken from the code (see ``_ext``)."""

import os
import sys
from importlib.metadata import version as installed_version
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE / "_ext")]
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"

import django  # noqa: E402

django.setup()

project = "django-learning-credentials"
copyright = "the django-learning-credentials contributors"
release = installed_version("django-learning-credentials")
version = ".".join(release.split(".")[:2])

extensions = ["sphinx.ext.autodoc", "sphinx.ext.napoleon", "from_the_code"]
exclude_patterns = ["_build", "_ext"]
html_theme = "furo"
html_title = f"{project} {release}"
html_static_path: list[str] = []
# Docstrings name objects in single backticks: a link where the object is documented, plain code where it is not.
default_role = "py:obj"
nitpick_ignore_regex = [("py:.*", ".*")]
add_module_names = False
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
napoleon_google_docstring = True
napoleon_numpy_docstring = False
