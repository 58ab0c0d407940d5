"""What is worth a look, by clusters, without a question."""

from __future__ import annotations

from review.queue import Queue
from review.screen import Screen


def show_list(screen: Screen, queue: Queue) -> None:
    """Shows all messages, the clusters in the order of their first ones."""
    for cluster in queue.clusters:
        screen.show()
        screen.show(f"{cluster.name} ({len(cluster.members)})", style="strong")
        for position in cluster.members:
            item = queue.items[position]
            times = f" ({item.message.times} times)" if item.message.times > 1 else ""
            screen.show(f"  {position + 1}. {item.example}{times}", "     ")
            reasons = ", ".join(item.message.reasons) or "like others that were misread"
            screen.show(f"     {item.message.intent or 'no intent'}: {reasons}", "     ", "faint")
