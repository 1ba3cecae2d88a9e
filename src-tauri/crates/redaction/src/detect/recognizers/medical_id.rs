//! NHS numbers, member and patient ids.

use domain::entity::EntityKind::MedicalId;

use crate::detect::{
    call::Call,
    candidate::{Candidate, Score},
    checksum,
};

pub(super) fn recognize(call: &Call<'_>, found: &mut Vec<Candidate>) {
    for run in call.runs.iter().filter(|run| run.digit_count() >= 4) {
        let expected = call.context(run).expected(MedicalId);
        let mut score = Score::prior(-3.2);
        score.slot(expected, 6.2);
        let nhs = run.letter_count() == 0 && checksum::nhs(&run.digits());
        score.add_if(nhs, 1.2, "the check digit of an NHS number holds");
        score.add_if(nhs && run.is_grouped(&[3, 3, 4]), 0.5, "grouped 3-3-4");
        score.add_if(
            (5..=20).contains(&run.chars.len()),
            0.6,
            "as long as such an id",
        );
        score.against(call, &[MedicalId], run);
        if score.reaches(0.3) {
            found.push(Candidate::of_run(MedicalId, "medical_id", run, score));
        }
    }
}
