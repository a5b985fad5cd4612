"""The shop's answers to the owner's pages: channels, members, codes, mails, ways of letters, ratings and pieces."""

from __future__ import annotations

import re
from typing import Any

from .build import connection, letter_way, mails, moment, money, piece, rated_page

LAST = {"hasNextPage": False, "endCursor": None}


class OwnersPages:
    """Fill the attributes. What is refused is the shop's own to say."""

    def __init__(self) -> None:
        self.channels: list[dict[str, Any]] = []
        self.deliveries: list[dict[str, Any]] = []
        self.all_codes: list[dict[str, Any]] = []
        self.mails: dict[str, Any] = mails()
        self.all_letters: list[dict[str, Any]] = []
        self.letter_way: dict[str, Any] = letter_way()
        self.openings: list[dict[str, Any]] = []
        self.reps: list[dict[str, Any]] = []  # with their figures
        self.rated: list[dict[str, Any]] = []  # sessions, the latest first
        self.plans: list[dict[str, Any]] = []
        self.months: list[dict[str, Any]] = []
        self.members: list[dict[str, Any]] = []
        self.pieces: list[dict[str, Any]] = []
        self.codes: list[dict[str, Any]] = []
        self.downloads: list[dict[str, Any]] = []  # what is downloaded, part after part
        self.quotes: dict[str, dict[str, Any]] = {}  # of a change of plan, by plan

    def owner_answer(self, operation: str, variables: dict[str, Any], refused: list[Any]) -> dict[str, Any] | None:
        """None: it is not about these pages."""
        match operation:
            case "ConsolePieces":
                return {"livePrintPieces": {**connection(self.pieces), "pageInfo": LAST}}
            case "ConsolePieceCodes":
                return {"liveSignInCodes": connection(self.codes)}
            case "ConsolePieceCreate":
                made = None if refused else piece(f"piece-{len(self.pieces)}", variables["input"]["name"])
                self.pieces = [*([made] if made else []), *self.pieces]
                return {"livePrintPieceCreate": {"piece": made, "errors": refused}}
            case "ConsolePieceRecipients":
                added = len(variables["recipients"])
                return {"livePrintPieceRecipientsAdd": {"added": added, "errors": refused}}
            case "ConsolePieceDownload":
                file = None if refused else self.downloads.pop(0)
                return {"livePrintPieceDownload": {"file": file, "errors": refused}}
            case "ConsolePiecePrinted":
                self.pieces = [{**each, "printedAt": moment()} for each in self.pieces]
                return {"livePrintPiecePrinted": {"errors": refused}}
            case "ConsolePieceRevoke":
                self.pieces = [{**each, "state": "REVOKED"} for each in self.pieces]
                return {"livePrintPieceRevoke": {"errors": refused}}
            case "ConsoleChannels":
                return {"liveChannels": self.channels}
            case "ConsoleAppearances":
                return {"liveChannels": self.channels}
            case "ConsoleAppearanceUpdate":
                settings = next(c for c in self.channels if c["channel"] == variables["channel"])
                if not refused:
                    settings["appearance"] = {**settings["appearance"], **variables["input"]}
                return {"liveAppearanceUpdate": {"settings": None if refused else settings, "errors": refused}}
            case "ConsoleOpenings":
                return {"liveOpenings": self.openings}
            case "ConsoleChannelUpdate":
                return {"liveChannelSettingsUpdate": self._update(variables, refused)}
            case "ConsoleRatingsOfReps":
                return {"liveReps": connection(self.reps) | {"pageInfo": LAST}}
            case "ConsoleRatings":
                return {"liveSessions": rated_page(self.rated, variables)}
            case "ConsoleMembersHead":
                income = {"charged": money(30.0), "refunded": money(10.0), "kept": money(20.0)}
                return {"liveMembershipPlans": self.plans, "liveMembershipIncome": [income]}
            case "ConsoleMembersMonths":
                return {"liveMembershipMonths": self.months}
            case "ConsoleMembers":
                return {"liveMemberships": self._members(variables["filter"])}
            case "ConsolePlans":
                return {"liveMembershipPlans": self.plans}
            case "ConsolePlanCreate" | "ConsolePlanUpdate":
                if not refused:
                    given = {"id": variables.get("id", f"plan-{len(self.plans) + 1}"), **variables["input"]}
                    self.plans = [*(each for each in self.plans if each["id"] != given["id"]), given]
                return {"answer": {"errors": refused}}
            case "ConsoleCardRemove":
                for row in self.members:
                    if (row.get("paymentMethod") or {}).get("id") == variables["id"]:
                        row["paymentMethod"] = None
                return {"answer": {"errors": refused}}
            case "ConsoleMemberCode" | "ConsoleCodeRevoke":
                return {"answer": {"errors": refused}}
            case "ConsoleDeliveries":
                found = [row for row in self.deliveries if row["state"] in (variables["state"] or [row["state"]])]
                return {"liveDeliveries": connection(found) | {"pageInfo": LAST}}
            case "ConsoleCodes":
                wanted = variables["filter"]["state"]
                found = [row for row in self.all_codes if row["state"] in (wanted or [row["state"]])]
                return {"liveSignInCodes": connection(found) | {"pageInfo": LAST}}
            case "ConsoleMails":
                return {"liveMailSettings": self.mails}
            case "ConsoleMailPreview":
                filled = {key: self.fill(text) for key, text in variables["input"].items()}
                return {"liveMailPreview": {"sender": self.mails["deploymentSender"], **filled}}
            case "ConsoleLetters":
                found = [row for row in self.all_letters if row["state"] in (variables["state"] or [row["state"]])]
                return {"liveLetters": connection(found) | {"pageInfo": LAST}}
            case "ConsoleLetterWay":
                return {"liveLetterWay": {**self.letter_way, "channel": variables["channel"]}}
            case "ConsoleLetterWayUpdate":
                return {"answer": {"letterWay": None if refused else self.letter_way, "errors": refused}}
            case "ConsoleMailSender":
                return {"answer": {"settings": None if refused else self.mails, "errors": refused}}
            case "ConsoleMailTemplate" | "ConsoleMailReset":
                name = {key: variables[key] for key in ("template", "language")}
                own = {**variables["input"], "own": True} if "input" in variables else {"subject": "Ours", "own": False}
                given = next(each for each in self.mails["templates"] if each.items() >= name.items()) | own
                return {"answer": {"template": None if refused else given, "errors": refused}}
            case "ConsoleMemberGrant" | "ConsoleMemberExtend":
                return {"answer": {"errors": refused}}
            case "ConsoleMemberQuote":
                return {"liveMembershipQuote": self.quotes[variables["planId"]]}
            case "ConsoleMemberChange":
                return {"answer": {"errors": refused}}
            case "ConsoleMemberCancel" | "ConsoleMemberResume" | "ConsoleMemberRevoke":
                for member in self.members:
                    if member["id"] == variables["id"] and not refused:
                        member["endsWithPeriod"] = operation == "ConsoleMemberCancel"
                        if operation == "ConsoleMemberRevoke":
                            member["state"] = "CANCELLED"
                return {"answer": {"errors": refused}}
        return None

    @staticmethod
    def fill(source: str) -> str:
        """As near to the shop's engine as a preview needs: facts in, tags out."""
        facts = {"name": "Ada Lovelace", "plan": "Gold", "code": "XXXX-XXXX-XXX", "link": "https://shop.example.com/"}
        text = re.sub(r"\{\{ (\w+)[^}]*\}\}", lambda found: facts.get(found[1], "2027-01-31"), source)
        return re.sub(r"\{% else %\}.*?\{% endif %\}|\{%.*?%\}", "", text, flags=re.DOTALL)

    def _members(self, wanted: dict[str, Any]) -> dict[str, Any]:
        found = [
            row
            for row in self.members
            if (wanted["state"] is None or row["state"] in wanted["state"])
            and (wanted["search"] or "").lower() in f"{row['profile']['name']} {row['profile']['email']}".lower()
        ]
        return connection(found) | {"pageInfo": LAST}

    def _update(self, variables: dict[str, Any], refused: list[dict[str, Any]]) -> dict[str, Any]:
        if refused:
            return {"settings": None, "errors": refused}
        settings = next(c for c in self.channels if c["channel"] == variables["channel"])
        changes = dict(variables["input"])
        if changes.get("priceThreshold") is not None:
            changes["priceThreshold"] = money(float(changes["priceThreshold"]), settings["currency"])
        settings.update(changes)
        return {"settings": settings, "errors": []}
