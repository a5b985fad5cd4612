"""Our part of the shop's schema.

``extend`` is called before the shop builds its schema: graphene 2 reads the fields of a class then, once. Types are
told apart by name in a schema, so those that the shop has are the shop's (``scalars.shops``).
"""

from __future__ import annotations

from graphene.utils.str_converters import to_snake_case

from .channels.mutations.live_appearance_update import LiveAppearanceUpdate
from .channels.mutations.live_channel_settings_update import LiveChannelSettingsUpdate
from .channels.queries import ChannelQueries
from .codes.mutations.live_print_piece_create import LivePrintPieceCreate
from .codes.mutations.live_print_piece_download import LivePrintPieceDownload
from .codes.mutations.live_print_piece_printed import LivePrintPiecePrinted
from .codes.mutations.live_print_piece_recipients_add import LivePrintPieceRecipientsAdd
from .codes.mutations.live_print_piece_revoke import LivePrintPieceRevoke
from .codes.mutations.live_print_piece_update import LivePrintPieceUpdate
from .codes.mutations.live_sign_in_code_redeem import LiveSignInCodeRedeem
from .codes.mutations.live_sign_in_code_revoke import LiveSignInCodeRevoke
from .codes.queries import CodeQueries
from .fees.mutations.live_payment_method_link import LivePaymentMethodLink
from .fees.mutations.live_payment_method_remove import LivePaymentMethodRemove
from .fees.queries import FeeQueries
from .letters.mutations.live_letter_batch_create import LiveLetterBatchCreate
from .letters.mutations.live_letter_batch_mark import LiveLetterBatchMark
from .letters.mutations.live_letter_confirm import LiveLetterConfirm
from .letters.mutations.live_letter_create import LiveLetterCreate
from .letters.mutations.live_letter_retry import LiveLetterRetry
from .letters.mutations.live_letter_returned import LiveLetterReturned
from .letters.mutations.live_letter_style_update import LiveLetterStyleUpdate
from .letters.queries import LetterQueries
from .mails.mutations.live_mail_settings_update import LiveMailSettingsUpdate
from .mails.mutations.live_mail_template_reset import LiveMailTemplateReset
from .mails.mutations.live_mail_template_update import LiveMailTemplateUpdate
from .mails.queries import MailQueries
from .members.mutations.live_membership_cancel import LiveMembershipCancel
from .members.mutations.live_membership_change import LiveMembershipChange
from .members.mutations.live_membership_code_replace import LiveMembershipCodeReplace
from .members.mutations.live_membership_extend import LiveMembershipExtend
from .members.mutations.live_membership_grant import LiveMembershipGrant
from .members.mutations.live_membership_plan_create import LiveMembershipPlanCreate
from .members.mutations.live_membership_plan_update import LiveMembershipPlanUpdate
from .members.mutations.live_membership_resume import LiveMembershipResume
from .members.mutations.live_membership_revoke import LiveMembershipRevoke
from .members.mutations.live_membership_trial_start import LiveMembershipTrialStart
from .members.queries import MemberQueries
from .offers.mutations.live_offer_accept import LiveOfferAccept
from .offers.mutations.live_offer_decline import LiveOfferDecline
from .offers.mutations.live_offer_make import LiveOfferMake
from .offers.queries import OfferQueries
from .pictures.mutations.live_picture_send import LivePictureSend
from .pictures.queries import PictureQueries
from .postings.mutations.live_letter_way_update import LiveLetterWayUpdate
from .postings.queries import PostingQueries
from .sessions.mutations.live_inquiry_create import LiveInquiryCreate
from .sessions.mutations.live_message_send import LiveMessageSend
from .sessions.mutations.live_rep_presence_update import LiveRepPresenceUpdate
from .sessions.mutations.live_session_accept import LiveSessionAccept
from .sessions.mutations.live_session_end import LiveSessionEnd
from .sessions.mutations.live_session_rate import LiveSessionRate
from .sessions.mutations.live_session_start import LiveSessionStart
from .sessions.queries import SessionQueries
from .visitors.mutations.live_visitor_block import LiveVisitorBlock
from .visitors.mutations.live_visitor_identify import LiveVisitorIdentify
from .visitors.mutations.live_visitor_unblock import LiveVisitorUnblock
from .visitors.queries import VisitorQueries

QUERIES = (
    ChannelQueries,
    CodeQueries,
    FeeQueries,
    LetterQueries,
    MailQueries,
    MemberQueries,
    OfferQueries,
    PictureQueries,
    PostingQueries,
    SessionQueries,
    VisitorQueries,
)
MUTATIONS = (
    LiveAppearanceUpdate,
    LiveChannelSettingsUpdate,
    LiveInquiryCreate,
    LiveLetterBatchCreate,
    LiveLetterBatchMark,
    LiveLetterConfirm,
    LiveLetterCreate,
    LiveLetterRetry,
    LiveLetterReturned,
    LiveLetterStyleUpdate,
    LiveLetterWayUpdate,
    LiveMailSettingsUpdate,
    LiveMailTemplateReset,
    LiveMailTemplateUpdate,
    LiveMembershipCancel,
    LiveMembershipChange,
    LiveMembershipCodeReplace,
    LiveMembershipExtend,
    LiveMembershipGrant,
    LiveMembershipPlanCreate,
    LiveMembershipPlanUpdate,
    LiveMembershipResume,
    LiveMembershipRevoke,
    LiveMembershipTrialStart,
    LiveMessageSend,
    LiveOfferAccept,
    LiveOfferDecline,
    LiveOfferMake,
    LivePaymentMethodLink,
    LivePaymentMethodRemove,
    LivePictureSend,
    LivePrintPieceCreate,
    LivePrintPieceDownload,
    LivePrintPiecePrinted,
    LivePrintPieceRecipientsAdd,
    LivePrintPieceRevoke,
    LivePrintPieceUpdate,
    LiveRepPresenceUpdate,
    LiveSessionAccept,
    LiveSessionEnd,
    LiveSessionRate,
    LiveSessionStart,
    LiveSignInCodeRedeem,
    LiveSignInCodeRevoke,
    LiveVisitorBlock,
    LiveVisitorIdentify,
    LiveVisitorUnblock,
)


def extend(queries: type, mutations: type) -> None:
    """Put our fields and their resolvers on the two classes, which the shop's Query and Mutation inherit from."""
    for group in QUERIES:
        for name, value in vars(group).items():
            if not name.startswith("__"):
                setattr(queries, name, value)
    for mutation in MUTATIONS:
        setattr(mutations, _snake(mutation.__name__), mutation.Field())


def _snake(name: str) -> str:
    return to_snake_case(name)
