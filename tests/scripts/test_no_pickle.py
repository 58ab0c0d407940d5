"""Nothing that is read from a file can run: no pickle, in our code or in a trained model."""

from __future__ import annotations

import ast
import pickle
import pickletools
import tarfile
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from scripts.freshness import newest_model
from scripts.project import ROOT

FOLDERS = (
    *("actions", "benchmarks", "channels", "custom_components", "knowledge_base", "nlg", "scripts"),
    *("rasa_sdk_plugins", "voice"),
)
MODULES = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "shelve", "jsonpickle"}
CALLS = {"torch.load", "numpy.load", "np.load", "marshal.loads", "eval", "exec", "os.system"}
ENDINGS = {
    *(".json", ".yml", ".txt", ".dict", ".arpa", ".safetensors", ".onnx", ".st", ".index"),
    *(".data-00000-of-00001", ""),
}
"""What a model's files end in: text, plain tensors, TensorFlow's checkpoints, ONNX graphs."""


def sins(source: str) -> set[str]:
    """What a module uses that can run what it reads."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names} & MODULES
        elif isinstance(node, ast.ImportFrom):
            found |= {(node.module or "").split(".")[0]} & MODULES
        elif isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            safe = {ast.unparse(keyword) for keyword in node.keywords}
            if name in CALLS and not safe & {"weights_only=True", "allow_pickle=False"}:
                found.add(name)
            if safe & {"shell=True", "allow_pickle=True", "trust_remote_code=True"}:
                found.add(f"{name} with {sorted(safe)}")
            if name == "yaml.load" and not any("Loader=" in keyword for keyword in safe):
                found.add(name)
    return found


def is_pickle(content: bytes) -> bool:
    """Whether `pickle.load` would make something of it."""
    if zipfile.is_zipfile(BytesIO(content)):
        with zipfile.ZipFile(BytesIO(content)) as archive:
            return any(is_pickle(archive.read(name)) for name in archive.namelist())
    try:
        for _ in pickletools.genops(content):
            pass
    except Exception:
        return False
    return True


@pytest.mark.parametrize("folder", FOLDERS)
def test_our_code_unpickles_nothing(folder: str) -> None:
    modules = sorted((ROOT / folder).rglob("*.py"))
    assert modules
    found = {str(path): sins(path.read_text(encoding="utf-8")) for path in modules}
    assert not {path: what for path, what in found.items() if what}


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "from joblib import load",
        "torch.load(path)",
        "np.load(path, allow_pickle=True)",
        "yaml.load(text)",
        "subprocess.run(command, shell=True)",
        "eval(text)",
    ],
)
def test_the_search_finds_what_it_looks_for(source: str) -> None:
    assert sins(source)


def test_a_pickle_is_known_whatever_it_is_called() -> None:
    assert is_pickle(pickle.dumps({"a": 1}))
    assert is_pickle(pickle.dumps([1, 2], protocol=0))
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("data.pkl", pickle.dumps("weights"))
    assert is_pickle(packed.getvalue())
    assert not is_pickle(b'{"a": 1}')


@pytest.mark.slow
def test_the_trained_model_holds_no_pickle() -> None:
    model = newest_model(ROOT / "models")
    if model is None:
        pytest.skip("nothing is trained")
    with tarfile.open(model) as archive:
        for member in archive:
            assert member.isfile() or member.isdir(), member.name
            if not member.isfile():
                continue
            file = archive.extractfile(member)
            assert file is not None
            assert Path(member.name).suffix in ENDINGS, member.name
            assert not is_pickle(file.read()), member.name
