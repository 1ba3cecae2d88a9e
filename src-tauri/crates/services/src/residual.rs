//! What detection has probably missed in a call: kept when it is detected, and followed through the review. // B4

use domain::plan::{RedactionPlan, SpanOrigin, merge_ranges};
use redaction::residual_risk::{Basis, ResidualRisk, Reviewed, estimate, together};
use serde::{Deserialize, Serialize};
use store::rows::CallRow;

use crate::{
    api::{ApiError, CaseRiskView, RiskView, StretchView},
    app::App,
    errors::integrity,
    open_case::to_json,
    sealed_bytes::open_bytes,
};

/// Separate stretches of listening that are kept for a call; nearer ones are joined.
const MAX_LISTENED: usize = 500;

/// The figures of a call, as they are kept for lists.
#[derive(Clone, Serialize, Deserialize)]
struct RiskRecord {
    expected: f64,
    low: u32,
    high: u32,
    spread: f64,
    unrecognized_ms: u64,
    listened_ms: u64,
    listen: Vec<(u64, u64)>,
}

impl RiskRecord {
    fn of(risk: &ResidualRisk) -> Self {
        Self {
            expected: risk.expected,
            low: risk.low,
            high: risk.high,
            spread: risk.spread,
            unrecognized_ms: risk.unrecognized_ms,
            listened_ms: risk.listened_ms,
            listen: risk
                .listen
                .iter()
                .map(|it| (it.start_ms, it.end_ms))
                .collect(),
        }
    }
}

/// Where misses are expected in a call; nothing for a call that was detected by an older version.
pub(crate) async fn basis(app: &App, call: &CallRow) -> Result<Option<Basis>, ApiError> {
    let Some(blob) = &call.risk_blob else {
        return Ok(None);
    };
    let bytes = open_bytes(app, &call.case_id, blob).await?;
    Basis::from_json(&String::from_utf8_lossy(&bytes))
        .map(Some)
        .map_err(|error| integrity("The expected misses of a call", &error))
}

/// Writes the figures of a call as things stand into its row.
pub(crate) fn follow(
    call: &mut CallRow,
    basis: Option<&Basis>,
    plan: &RedactionPlan,
) -> Result<(), ApiError> {
    let Some(basis) = basis else {
        return Ok(());
    };
    let listened = listened(call);
    let is_by_hand = |origin: SpanOrigin| match origin {
        SpanOrigin::Manual => true,
        SpanOrigin::Detected => false,
    };
    let by_hand = plan.spans.iter().filter(|it| is_by_hand(it.origin));
    let risk = estimate(
        basis,
        &Reviewed {
            replaced: &replaced_everywhere(plan),
            listened: &listened,
            found_by_hand: by_hand.count(),
        },
    );
    call.risk_json = Some(to_json(&RiskRecord::of(&risk))?);
    Ok(())
}

/// What is replaced on every channel; a span on one channel leaves the others.
fn replaced_everywhere(plan: &RedactionPlan) -> Vec<(u64, u64)> {
    let whole = plan
        .spans
        .iter()
        .filter(|it| it.is_replaced() && it.channel.is_none());
    merge_ranges(whole.map(|it| (it.start_ms, it.end_ms)).collect())
}

fn listened(call: &CallRow) -> Vec<(u64, u64)> {
    let json = call.listened_json.as_deref().unwrap_or("[]");
    serde_json::from_str(json).unwrap_or_default()
}

/// Adds a stretch to what somebody has listened to.
pub(crate) fn add_listened(call: &mut CallRow, from_ms: u64, to_ms: u64) -> Result<(), ApiError> {
    let mut all = listened(call);
    all.push((from_ms, to_ms));
    let mut all = merge_ranges(all);
    // The shortest say least.
    while all.len() > MAX_LISTENED {
        let lengths = all.iter().enumerate();
        let shortest = lengths.min_by_key(|(_, it)| it.1 - it.0);
        all.remove(shortest.map_or(0, |(at, _)| at));
    }
    call.listened_json = Some(to_json(&all)?);
    Ok(())
}

fn record(call: &CallRow) -> Option<RiskRecord> {
    serde_json::from_str(call.risk_json.as_deref()?).ok()
}

/// The figures of a call for the screens.
pub(crate) fn view(call: &CallRow) -> Option<RiskView> {
    let record = record(call)?;
    let stretches = record.listen.iter();
    Some(RiskView {
        expected: rounded(record.expected),
        low: record.low,
        high: record.high,
        unrecognized_ms: record.unrecognized_ms,
        listened_ms: record.listened_ms,
        listen: stretches
            .map(|&(start_ms, end_ms)| StretchView { start_ms, end_ms })
            .collect(),
    })
}

/// The figures of all calls of a case together.
pub(crate) fn of_case(calls: &[CallRow]) -> Option<CaseRiskView> {
    let records: Vec<RiskRecord> = calls.iter().filter_map(record).collect();
    if records.is_empty() {
        return None;
    }
    let parts: Vec<(f64, f64)> = records.iter().map(|it| (it.expected, it.spread)).collect();
    let (expected, low, high) = together(&parts);
    Some(CaseRiskView {
        calls: crate::advance::as_u32(records.len()),
        expected: rounded(expected),
        low,
        high,
    })
}

/// Two decimals: no more is known.
fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_listened_to_is_joined_and_bounded() {
        let mut call = CallRow::default();
        add_listened(&mut call, 5_000, 9_000).unwrap();
        add_listened(&mut call, 0, 6_000).unwrap();
        assert_eq!(listened(&call), [(0, 9_000)]);
        for at in 0..600 {
            let start = 20_000 + at * 1_000;
            add_listened(&mut call, start, start + 500).unwrap();
        }
        let all = listened(&call);
        assert_eq!(all.len(), MAX_LISTENED);
        assert_eq!(all[0], (0, 9_000), "the longest stays");
    }

    #[test]
    fn a_case_without_figures_has_none() {
        assert!(of_case(&[CallRow::default()]).is_none());
        assert!(view(&CallRow::default()).is_none());
    }
}
