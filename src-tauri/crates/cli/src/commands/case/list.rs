//! `sar case list`: cases by due date.

use clap::{Args, ValueEnum};
use services::{
    api::{CaseSummary, CaseViewName, ListCasesReq},
    app::App,
};

use super::{show::days, words};
use crate::{failure::Failure, output::Output};

/// Cases asked for at once.
const PAGE: u32 = 200;

#[derive(Args)]
pub(crate) struct ListArgs {
    /// Which ones
    #[arg(long, value_enum, default_value = "open")]
    view: View,
    /// Only those whose number, initials or owner contain this
    #[arg(long, value_name = "TEXT", default_value = "")]
    text: String,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum View {
    Mine,
    DueSoon,
    ToApprove,
    Open,
    Closed,
}

impl From<View> for CaseViewName {
    fn from(view: View) -> Self {
        match view {
            View::Mine => Self::Mine,
            View::DueSoon => Self::DueSoon,
            View::ToApprove => Self::ToApprove,
            View::Open => Self::Open,
            View::Closed => Self::Closed,
        }
    }
}

pub(super) async fn run(app: &App, args: &ListArgs, output: &mut Output) -> Result<(), Failure> {
    let cases = all(app, args.view.into(), &args.text).await?;
    if args.json {
        return cases.iter().try_for_each(|case| output.json(case));
    }
    if cases.is_empty() {
        output.note("No cases here. `sar case new` opens one, `--view closed` shows closed ones.");
        return Ok(());
    }
    let mut rows = vec![
        ["case", "for", "step", "due", "", "owner"]
            .map(str::to_owned)
            .to_vec(),
    ];
    rows.extend(cases.into_iter().map(row));
    output.table(&rows)
}

/// All cases of a view.
pub(crate) async fn all(
    app: &App,
    view: CaseViewName,
    text: &str,
) -> Result<Vec<CaseSummary>, Failure> {
    let mut cases: Vec<CaseSummary> = Vec::new();
    loop {
        let offset = u32::try_from(cases.len()).unwrap_or(u32::MAX);
        let request = ListCasesReq {
            view,
            text: text.to_owned(),
            offset,
            limit: PAGE,
        };
        let page = services::list_cases(app, request).await?;
        let done = page.cases.is_empty();
        cases.extend(page.cases);
        if done || cases.len() as u64 >= u64::from(page.total) {
            return Ok(cases);
        }
    }
}

fn row(case: CaseSummary) -> Vec<String> {
    vec![
        case.case_id,
        case.initials,
        words(&case.step),
        case.due_on,
        days(case.days_left),
        case.owner,
    ]
}
