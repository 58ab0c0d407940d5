"""What the channels say by themselves, where no dialogue is asked."""

FAILED = (
    "Something went wrong on my side, and I don't know whether that was done. Please try again."
)

OUT_OF_DATE = "That button belongs to an earlier question. Please tell me in words what you want."

NOT_YOURS = "That question was for somebody else. Ask me yourself, and I'll answer you."

PASSED_ON = "Passed on."

HANDED_BACK = "I have the conversation again."

NOT_HANDED_OFF = "Nothing was passed on: I have that conversation myself at the moment."

NOT_REACHED = "Nothing was passed on: on their channel I can only answer, not speak first."

HOW_TO_PASS_ON = (
    "What you say to me in this thread, beginning with my name, I pass on. Say it with "
    '"hand back" and I have the conversation again. All else stays among you.'
)

LISTENING = "Yes? Tell me what I can do for you."

TOO_MANY = "That's more than I can take in at once. Please give me a moment."

NOT_TEXT = "I can only read text so far."

NO_VOICE = "I can't listen to voice messages yet. Please write it to me."

TOO_LONG = "That's longer than I can read. Please say it in fewer words."

NOT_NOW = "I can't write that down right now."

NOT_CAUGHT = "Sorry, I did not catch that. Please say it again."

MANY_SPEAK = "Too many people are talking to me at once. Please say it again in a moment."

NO_EARS = "I can't listen at the moment. Please write it to me."

MICROPHONE_GONE = "Nothing comes from your microphone any more."

TOO_LONG_SAID = "That's longer than I can listen to. Please say it in less than a minute."

NOT_PLAYED = "I can't play that recording. Please say it again, or write it to me."

NOT_FETCHED = "I could not get your voice message. Please send it again."

NOTHING_SAID = "I heard nobody speak."

HEARD = "I heard: “{text}”"
