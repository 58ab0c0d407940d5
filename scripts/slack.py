"""Slack: check what is configured, say plainly what is wrong, print the app's manifest, serve.

`--check` ends after the checks; docs/slack.md leads through the whole of it.
"""

import logging
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import yaml
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from scripts import serve
from scripts.addresses import is_public
from scripts.console import complain, say
from scripts.project import ROOT, setting

TOKEN, SECRET = "SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET"
PUBLIC_URL, API_URL = "SLACK_PUBLIC_URL", "SLACK_API_URL"

MANIFEST = Path("docs/slack-manifest.yml")
EXAMPLE_URL = "https://parley.example.org"
"""What stands in the manifest for the public address."""

APPS = "https://api.slack.com/apps"
EVENTS = "/webhooks/slack/events"
SECONDS = 10

_NO_TOKEN = {
    "xoxp-": "a person's token",
    "xoxe": "a token that expires: the app has token rotation switched on",
    "xapp-": "an app-level token",
}
_MEANINGS = {
    "invalid_auth": "copy it again, or install the app anew",
    "not_authed": "copy it again",
    "account_inactive": "the app was removed from the workspace: install it again",
    "token_revoked": "install the app again, and copy its new token",
    "token_expired": "switch token rotation off, and install the app again",
}


@dataclass(frozen=True)
class Finding:
    """What a check has found."""

    holds: bool
    text: str


def check() -> list[Finding]:
    """Checks everything, as far as the steps before allow."""
    findings = [*_check_address(), *_check_variables()]
    if all(finding.holds for finding in findings if TOKEN in finding.text):
        findings += _check_slack()
    return findings


def public_url() -> str:
    """The address at which Slack reaches Parley, without a stroke at the end."""
    return setting(PUBLIC_URL, "").rstrip("/")


def manifest(url: str) -> str:
    """The app's manifest for an address."""
    return MANIFEST.read_text(encoding="utf-8").replace(EXAMPLE_URL, url)


def needed_scopes() -> list[str]:
    """The scopes that the manifest asks for."""
    content = yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))
    return [str(scope) for scope in content["oauth_config"]["scopes"]["bot"]]


def main() -> int:
    """Check, print the manifest, and serve where all is well; the exit status."""
    os.chdir(ROOT)
    findings = check()
    for finding in findings:
        (say if finding.holds else complain)(f"{'ok' if finding.holds else 'no'}  {finding.text}")
    url = public_url()
    if url and all(finding.holds for finding in findings if PUBLIC_URL in finding.text):
        say(f"\nThe app's manifest, for {APPS} (App Manifest):\n\n{manifest(url)}")
    if not all(finding.holds for finding in findings):
        complain("Mend what is marked with 'no'; docs/slack.md tells where each thing is found.")
        return 1
    if "--check" in sys.argv[1:]:
        return 0
    os.environ["CHANNELS"] = "slack"
    host, port = setting("PARLEY_HOST", "127.0.0.1"), setting("PARLEY_PORT", "5005")
    say(f"Parley listens at http://{host}:{port}; {url} has to lead there.")
    return serve.main()


def _check_address() -> Iterator[Finding]:
    url = public_url()
    address = urlsplit(url)
    if not url:
        mend = "set it to the https address at which Slack reaches this server"
        yield Finding(False, f"{PUBLIC_URL} is not set: {mend}.")
    elif address.scheme != "https" or not address.hostname:
        yield Finding(False, f"{PUBLIC_URL}={url} is no https address: Slack takes no other.")
    elif not is_public(address.hostname):
        mend = "a tunnel or a reverse proxy gives it one that is"
        yield Finding(False, f"{PUBLIC_URL}={url} is not reached from outside: {mend}.")
    elif address.query or address.fragment or "/webhooks/" in address.path:
        mend = f"leave away what comes after {address.hostname}"
        yield Finding(False, f"{PUBLIC_URL}={url} is more than the address: {mend}.")
    else:
        yield Finding(True, f"{PUBLIC_URL}: the app's Request URL has to be {url}{EVENTS}")


def _check_variables() -> Iterator[Finding]:
    token, secret = setting(TOKEN, ""), setting(SECRET, "")
    wrong = next((what for start, what in _NO_TOKEN.items() if token.startswith(start)), "")
    where = f'take the one that begins with xoxb-, at {APPS}, "OAuth & Permissions"'
    if not token:
        yield Finding(False, f"{TOKEN} is not set: {where}.")
    elif wrong or not token.startswith("xoxb-"):
        yield Finding(False, f"{TOKEN} holds {wrong or 'no bot token'}: {where}.")
    else:
        yield Finding(True, f"{TOKEN} is set")
    if not secret:
        where = f'copy it at {APPS}, "Basic Information", "Signing Secret"'
        yield Finding(False, f"{SECRET} is not set: {where}.")
    elif secret == token or not secret.isalnum():
        yield Finding(False, f"{SECRET} holds something else: it is made of letters and digits.")
    else:
        yield Finding(True, f"{SECRET} is set")


def _check_slack() -> Iterator[Finding]:
    client = _client()
    try:
        answer = client.auth_test()
    except SlackApiError as error:
        # Slack's own word for it; an answer that is none may be a whole page.
        word = str(error.response.get("error"))
        code = word if word.isidentifier() else f"status {error.response.status_code}"
        mend = _MEANINGS.get(code, "try again later, or see docs/slack.md")
        yield Finding(False, f"Slack says {code} to the token: {mend}.")
        return
    except (SlackClientError, OSError) as error:
        mend = "is this machine connected, and does it need HTTPS_PROXY?"
        yield Finding(False, f"Slack cannot be reached ({type(error).__name__}): {mend}")
        return
    yield Finding(True, f"The token is {answer['user']}'s, in the workspace {answer['team']}")
    headers = {name.lower(): value for name, value in answer.headers.items()}
    granted = {scope.strip() for scope in str(headers.get("x-oauth-scopes", "")).split(",")}
    missing = [scope for scope in needed_scopes() if scope not in granted]
    for scope in missing:
        mend = 'add it at "OAuth & Permissions", and install the app again'
        yield Finding(False, f"The scope {scope} is missing: {mend}.")
    if not missing:
        yield Finding(True, "All scopes are granted")


def _client() -> WebClient:
    quiet = logging.getLogger("scripts.slack.sdk")
    quiet.setLevel(logging.CRITICAL)
    api = setting(API_URL, WebClient.BASE_URL)
    client = WebClient(
        setting(TOKEN, ""), base_url=api, timeout=SECONDS, logger=quiet, retry_handlers=[]
    )
    if not is_public(urlsplit(api).hostname or ""):
        # The SDK takes the environment's proxy for every address.
        client.proxy = None
    return client


if __name__ == "__main__":
    sys.exit(main())
