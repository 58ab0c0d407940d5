"""All places in which something of people is kept: the one list of them.

Whoever adds a table or a folder adds it here. What is not here is not erased, so it is refused:
`tests/privacy` walks the databases and folders, and erasing says so as well.
"""

from __future__ import annotations

from privacy.files import CalendarFiles, LogFiles, Reports, VoiceRecordings
from privacy.settings import PrivacySettings
from privacy.sql_stores import SqlStore, TrackerDatabase
from privacy.stores import Store
from privacy.tables import Age, BeginsWith, Below, Is, Rows

CONVERSATIONS, SKILLS, CHANNELS = "conversations", "skills", "channels"

TABLES: dict[str, tuple[Rows, ...]] = {
    # By Rasa, each as one event. What is undone, corrected, offered and talked of is in them, too.
    CONVERSATIONS: (Rows("events", "events of the conversation", Is("sender_id")),),
    # actions/storage/models.py. Lists and what is to come are no conversation: age takes nothing.
    SKILLS: (
        Rows("list_items", "things on lists", Below("list_id", "lists", Is("user_id"))),
        Rows("lists", "lists", Is("user_id")),
        Rows(
            "reminders",
            "timers, alarms and reminders",
            Is("user_id"),
            Age("due_at", as_seconds=False, state="state"),
        ),
        Rows("action_answers", "answers of actions", Is("conversation"), Age("answered_at")),
    ),
    # channels/tables.py, channels/web/tables.py, channels/slack/threads.py.
    CHANNELS: (
        Rows(
            "incoming",
            "messages to the assistant",
            Is("conversation"),
            Age("written_at", state="state"),
            in_work=True,
        ),
        Rows(
            "outgoing",
            "messages from the assistant",
            Is("conversation"),
            Age("written_at", state="state"),
        ),
        Rows("offers", "buttons", Is("conversation"), Age("offered_at")),
        # The platforms' own numbers of messages name nobody, and tell a redelivery from a message.
        Rows("seen_keys", "marks of messages", BeginsWith("key"), Age("seen_at")),
        Rows("notes", "notes of channels", Is("name", "thread:{}")),
        Rows("web_sessions", "sessions of the chat page", Is("conversation"), open_door=True),
    ),
}

NOTHING_OF_PEOPLE = {
    "leases": "which process does what only one may do",
    "slack_threads": "in which threads the assistant takes part, by Slack's numbers for 30 days",
    "decisions": "SHA-256 of messages on which a reviewer has decided (review/memory.py)",
    "parley_versions": "of which version the tables are",
    "parley_erasures": "SHA-256 of conversations that were erased, for a day",
    "sqlite_sequence": "the last numbers of rows, by table",
    "parley_channels_revision": "of which version the tables are",
    "parley_skills_revision": "of which version the tables are",
}
"""Tables without anything of people's, and what is in them."""


def unregistered(names: list[str]) -> list[str]:
    """Those of a database's tables that nobody has entered here."""
    known = {rows.table for tables in TABLES.values() for rows in tables} | set(NOTHING_OF_PEOPLE)
    return sorted(set(names) - known)


def databases(settings: PrivacySettings) -> list[SqlStore]:
    """The databases; conversations first, for what is erased there is not written again."""
    found: list[SqlStore] = []
    if settings.tracker_url:
        schema = settings.tracker_schema
        found.append(
            TrackerDatabase(
                CONVERSATIONS, settings.tracker_url, TABLES[CONVERSATIONS], schema=schema
            )
        )
    found.append(SqlStore(CHANNELS, settings.channels_url, TABLES[CHANNELS]))
    found.append(SqlStore(SKILLS, settings.skills_url, TABLES[SKILLS]))
    return found


def stores(settings: PrivacySettings) -> list[Store]:
    """All stores, in the order in which they are erased."""
    return [
        *databases(settings),
        CalendarFiles(settings.calendar),
        VoiceRecordings(settings.recordings),
        LogFiles(settings.logs),
        Reports(settings.reports),
    ]
