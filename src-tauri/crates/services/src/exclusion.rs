//! What the requestor is told of a call that was left out.

use store::rows::CallRow;

use crate::api::ExclusionGround;

/// Stands in a package for the ids of a call that is none of the recipient's business.
const NOT_DISCLOSED: &str = "not-disclosed";

impl ExclusionGround {
    /// The ground in the words of the letter.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::NotTheRequestor => "not a call of yours",
            Self::OutsideTheRequest => "not part of what you asked for",
            Self::RightsOfOthers => "disclosing it would harm the rights and freedoms of others",
            Self::Duplicate => "the same call as another one of this list",
            Self::LegalPrivilege => "communication with lawyers, which is privileged",
        }
    }
}

/// Hides which call it was, where that would tell the requestor when somebody else called. // B1
pub(crate) fn hide(call: &mut CallRow, ground: ExclusionGround) {
    if ground == ExclusionGround::NotTheRequestor {
        for id in [&mut call.conversation, &mut call.recording] {
            NOT_DISCLOSED.clone_into(id);
        }
        call.queues_json = "[]".to_owned();
    }
}

/// Whether time and ids of a call are told.
pub(crate) fn is_disclosed(call: &CallRow) -> bool {
    call.recording != NOT_DISCLOSED
}
