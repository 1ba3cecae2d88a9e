//! What the case already knows about people: the best list of all.

use domain::sensitive::PersonalData;

/// Known values of a case; found ones get the highest score and a sure owner.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CaseKnowledge {
    /// Names of the data subject, full and in every known form.
    pub names: Vec<PersonalData<String>>,
    /// The data subject's phone numbers, best as E.164.
    pub phones: Vec<PersonalData<String>>,
    /// The data subject's e-mail addresses.
    pub emails: Vec<PersonalData<String>>,
    /// The data subject's customer and account numbers.
    pub ids: Vec<PersonalData<String>>,
    /// Names of the employees on the recorded calls.
    pub agents: Vec<PersonalData<String>>,
}
