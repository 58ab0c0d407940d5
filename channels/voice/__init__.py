"""Speech over HTTP, and the ears and the voice that all channels share: `docs/voice.md`."""

from channels.voice.channel import VoiceInput

__all__ = ["VoiceInput"]
