"""What was measured, beside what it is measured against."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Report:
    """Prints each line as it is known, and remembers which aims were missed."""

    missed: list[str] = field(default_factory=list)

    def title(self, text: str) -> None:
        print(f"\n{text}\n{'-' * len(text)}", flush=True)

    def line(self, what: str, value: str) -> None:
        print(f"  {what:<58}{value:>16}", flush=True)

    def ratio(self, what: str, ours: float, reference: float, *, least: float) -> None:
        """Ours as a share of the reference, which is the limit."""
        ratio = ours / reference
        self._aim(what, f"{ours:,.0f} / {reference:,.0f} = {ratio:.2f}", f"at least {least}", ratio >= least)

    def most(self, what: str, value: float, *, most: float, unit: str = "") -> None:
        """A figure that may not be larger."""
        self._aim(what, f"{value:,.2f}{unit}", f"at most {most}{unit}", value <= most)

    def nothing(self, what: str, count: int) -> None:
        """A count that must be zero."""
        self._aim(what, str(count), "none", count == 0)

    def _aim(self, what: str, value: str, aim: str, met: bool) -> None:
        print(f"  {what:<46}{value:>28}   {aim}: {'met' if met else 'MISSED'}", flush=True)
        if not met:
            self.missed.append(f"{what}: {value}, aim {aim}")
