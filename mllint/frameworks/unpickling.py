"""Reading files that may hold code: pickles, and models that come with code of their own."""

from __future__ import annotations

from mllint.frameworks.table import Call, canonical
from mllint.program import Unpickling
from mllint.values import FALSE, NONE, TRUE, UNKNOWN, Bound, Const, Obj, Value, options

NAMES = frozenset(
    {
        "load", "loads", "read_pickle", "load_model", "from_pretrained", "load_dataset", "pipeline", "get", "urlopen", "urlretrieve",
        "hf_hub_download", "save", "dump", "to_pickle", "get_file", "download_url_to_file",
    }
)  # fmt: skip
"""Last names of the functions that matter here."""
_PICKLES = (
    "pickle.load", "pickle.loads", "cPickle.load", "cPickle.loads", "dill.load", "dill.loads", "cloudpickle.load", "cloudpickle.loads",
    "joblib.load", "sklearn.externals.joblib.load", "pandas.read_pickle",
)  # fmt: skip
DOWNLOADS = (
    "requests.get", "urllib.request.urlopen", "urllib.request.urlretrieve", "huggingface_hub.hf_hub_download", "keras.utils.get_file",
    "urllib.urlopen", "urllib.urlretrieve",
)  # fmt: skip
_SAVING = {"torch.save": 1, "numpy.save": 0, "joblib.dump": 1}
"""Functions that write such files, and the place of the file among their arguments."""


def seen(call: Call) -> None:
    """Look at a call of a function with one of these names."""
    path = canonical(call.path)
    name = path.rpartition(".")[2]
    record = None
    if path == "torch.load":
        record = _torch(call)
    elif path == "numpy.load":
        record = _when(call, "allow_pickle", TRUE, 2)
    elif name == "load_model" and path.startswith("keras."):
        record = _when(call, "safe_mode", FALSE)
    elif path.startswith(("transformers.", "datasets.")):
        record = _when(call, "trust_remote_code", TRUE)
    elif path in _PICKLES and call.positional:
        record = _pickle(call, path)
    elif path in _SAVING:
        place = _SAVING[path]
        if place < len(call.positional):
            call.program.saved.append(call.positional[place][0])
    if record is not None:
        call.program.unpicklings.append(record)


def _when(call: Call, argument: str, value: Value, place: int = -1) -> Unpickling | None:
    """A call in which an argument has the value that makes it run code."""
    given, site = call.keywords.get(argument, (UNKNOWN, None))
    if site is None and 0 <= place < len(call.positional):
        given, site = call.positional[place]
    if given != value or type(given) is not Const:
        return None
    return Unpickling(call.site, _written(call), _file(call), argument, site)


def _torch(call: Call) -> Unpickling | None:
    """``torch.load``, which unpickles anything before version 2.6 unless it is told otherwise."""
    if not call.complete:
        return None
    if "weights_only" in call.keywords:
        return _when(call, "weights_only", FALSE)
    return Unpickling(call.site, "torch.load", _file(call), "", None)


def _pickle(call: Call, path: str) -> Unpickling | None:
    """A pickle out of the network."""
    file, site = call.positional[0]
    remote = isinstance(file, Const) and isinstance(file.value, str) and file.value.startswith(("http://", "https://"))
    if remote or any(map(_is_downloaded, options(file))):
        return Unpickling(call.site, path, file, "file", site)
    return None


DOWNLOADED = "downloaded"
"""Kind of what came over the network."""


def _is_downloaded(value: Value) -> bool:
    return (isinstance(value, Obj) and value.kind == DOWNLOADED) or (
        isinstance(value, Bound) and _is_downloaded(value.receiver)
    )


def _file(call: Call) -> Value:
    return call.positional[0][0] if call.positional else call.keywords.get("f", (NONE, None))[0]


def _written(call: Call) -> str:
    return ".".join(call.path.split(".")[-2:])
