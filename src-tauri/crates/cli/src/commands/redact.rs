//! `sar redact`: removes personal data from a recording and checks the result.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use clap::{Args, ValueEnum};
use domain::{
    ids::SpanId,
    plan::{RedactionPlan, RedactionStyle},
};
use redaction::{
    audio::AudioError,
    detect::detect,
    fit,
    keys::{self, key_presses},
    pcm::PcmReader,
    plan_file::PlanFile,
    planning::{self, AudioShape},
    render::{self, Delivered, Rendered, SpanSeed},
    verify,
};
use serde::Serialize;

use super::known::{self, KnownArgs};
use crate::{
    failure::Failure,
    files, input,
    interrupt::{self, Stop},
    output::{Output, count, size},
    recording::{self, Bytes, Decoded, DecoderArgs, Recording},
    report::Report,
};

#[derive(Args)]
#[group(id = "spans", required = true, multiple = false, args = ["transcript", "plan"])]
pub(crate) struct RedactArgs {
    /// Recording: WAV, Wave64, AU, MP3, Opus, FLAC; other codecs are decoded and leave as WAV
    #[arg(long, value_name = "IN")]
    audio: PathBuf,
    /// Transcript to detect personal data in
    #[arg(long, value_name = "T.json")]
    transcript: Option<PathBuf>,
    /// Plan that says what goes; its seeds, if any, are used again
    #[arg(long, value_name = "PLAN.json")]
    plan: Option<PathBuf>,
    /// Redacted recording; call.wav gets call.plan.json and call.verification.json beside it
    #[arg(long, value_name = "OUT")]
    out: PathBuf,
    #[command(flatten)]
    decoder: DecoderArgs,
    #[command(flatten)]
    known: KnownArgs,
    /// What is heard in place of removed speech [default: noise, or what the plan says]
    #[arg(long, value_enum)]
    style: Option<Style>,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Style {
    Noise,
    Silence,
    Bleep,
}

impl From<Style> for RedactionStyle {
    fn from(style: Style) -> Self {
        match style {
            Style::Noise => Self::Noise,
            Style::Silence => Self::Silence,
            Style::Bleep => Self::Tone,
        }
    }
}

/// The result as scripts read it; also the verification report beside the recording.
#[derive(Serialize)]
struct ResultFile {
    output: String,
    plan: String,
    original_sha256: String,
    redacted_sha256: String,
    /// What was done to the sound; says so where something is lost.
    delivered: &'static str,
    /// The program that decoded the recording, where it was not this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    decoded_by: Option<Decoded>,
    size_bytes: u64,
    frames: u64,
    spans: usize,
    replaced: usize,
    /// Spans that wait for a person's decision; they are replaced until then.
    to_review: usize,
    #[serde(flatten)]
    report: Report,
}

pub(crate) fn run(args: RedactArgs, output: &mut Output) -> Result<(), Failure> {
    let json = args.json;
    let result = interrupt::run_stoppable(move |stop| redact(&args, stop))?;
    if json {
        return output.json(&result);
    }
    result.report.print_lines(output)?;
    let spans = count(result.spans as u64, "span");
    output.line(format_args!(
        "{}  {}, {} of {spans} replaced, {} to review",
        result.output,
        size(result.size_bytes),
        result.replaced,
        result.to_review
    ))?;
    if let Some(decoded) = &result.decoded_by {
        output.line(format_args!(
            "{} decoded by {} (SHA-256 {}); {}",
            decoded.codec, decoded.program, decoded.program_sha256, result.delivered
        ))?;
    }
    output.line(&result.plan)
}

fn redact(args: &RedactArgs, stop: &Stop) -> Result<ResultFile, Failure> {
    require_other_file(&args.audio, &args.out)?;
    let Recording {
        bytes: mut original,
        decoded,
    } = recording::open(&args.audio, &args.decoder)?;
    let delivered = Delivered::of(&open_audio(&args.audio, &mut original)?);
    require_fitting_name(&args.out, delivered)?;
    let (plan, seeds) = match (&args.plan, &args.transcript) {
        (Some(path), _) => planned(args, path, &mut original)?,
        (None, Some(path)) => detected(args, path, &mut original)?,
        (None, None) => {
            return Err(Failure::usage(
                "Nothing says what goes",
                "Name a transcript or a plan.",
            ));
        }
    };
    let rendered = write_audio(&mut original, &args.out, &plan, &seeds, stop)?;
    let report = check(&mut original, &args.out, &plan, &rendered)?;
    write_beside(args, plan, rendered, decoded, report)
}

/// Refuses to write over the recording itself.
fn require_other_file(audio: &Path, out: &Path) -> Result<(), Failure> {
    let same = match (fs::canonicalize(audio), fs::canonicalize(out)) {
        (Ok(audio), Ok(out)) => audio == out,
        _ => false,
    };
    if same {
        return Err(Failure::usage(
            "The original would be replaced by its redacted copy",
            "Name another file with --out; the original is needed to check the copy.",
        ));
    }
    if out.file_stem().is_none() || out.is_dir() {
        return Err(Failure::usage(
            format!("`{}` is not a file name", out.display()),
            "Name the file to write with --out, such as call.wav.",
        ));
    }
    Ok(())
}

/// Refuses a name that says another format than what leaves.
fn require_fitting_name(out: &Path, delivered: Delivered) -> Result<(), Failure> {
    let ending = out
        .extension()
        .and_then(|it| it.to_str())
        .unwrap_or_default();
    let says_another = Delivered::from_extension(ending)
        .is_some_and(|named| named.extension() != delivered.extension());
    if says_another {
        let right = delivered.extension();
        return Err(Failure::usage(
            format!("`{}` is not the name of what would be in it", out.display()),
            format!(
                "Name the file with the ending `.{right}`: the recording leaves in that format."
            ),
        ));
    }
    Ok(())
}

type Seeds = BTreeMap<SpanId, SpanSeed>;

/// A plan from a file. Spans that have a seed keep it, so that a second run gives the same bytes.
fn planned(
    args: &RedactArgs,
    path: &Path,
    original: &mut Box<dyn Bytes>,
) -> Result<(RedactionPlan, Seeds), Failure> {
    let file = read_plan(path)?;
    let audio = open_audio(&args.audio, original)?;
    let (rate, duration_ms) = (audio.info().sample_rate_hz, audio.info().duration_ms());
    let mut seeds = file.seeds(rate);
    let mut plan = file.plan;
    if plan.duration_ms == 0 {
        // Written by hand: the length is that of the recording.
        plan.duration_ms = duration_ms;
        require_inside(&plan)?;
    }
    if let Some(style) = args.style {
        plan.style = style.into();
    }
    draw_missing(&plan, &mut seeds)?;
    Ok((plan, seeds))
}

/// Reads a plan file.
pub(super) fn read_plan(path: &Path) -> Result<PlanFile, Failure> {
    PlanFile::from_json(&input::read_text(path)?).map_err(|error| {
        Failure::usage(
            format!("`{}` cannot be used: {error}", path.display()),
            "`sar redact --transcript` writes a plan that can serve as an example.",
        )
    })
}

fn require_inside(plan: &RedactionPlan) -> Result<(), Failure> {
    match plan
        .spans
        .iter()
        .find(|span| span.end_ms > plan.duration_ms)
    {
        None => Ok(()),
        Some(span) => Err(Failure::failed_check(
            format!("Span `{}` ends after the recording", span.id),
            "The plan is for another recording. Make a new one.",
        )),
    }
}

/// A plan from a transcript. Whatever cannot be trusted or placed stops the redaction.
fn detected(
    args: &RedactArgs,
    path: &Path,
    original: &mut Box<dyn Bytes>,
) -> Result<(RedactionPlan, Seeds), Failure> {
    let transcript = known::transcript(path)?;
    let knowledge = args.known.knowledge()?;
    let mut audio = open_audio(&args.audio, original)?;
    let shape = AudioShape::from(audio.info());
    let fit = fit::check_fit(&transcript, &mut audio)
        .map_err(|error| input::unreadable(&args.audio, &error))?;
    if !fit.fits() {
        let percent = fit.active_share * 100.0;
        return Err(Failure::failed_check(
            format!(
                "The transcript does not fit the recording: {percent:.0} % of {} words fall on speech, {} lie beyond the end",
                fit.words, fit.words_beyond_end
            ),
            "Check that both belong to the same call and that times count from the start of the recording.",
        ));
    }
    let keyed = key_presses(&mut audio).map_err(|error| input::unreadable(&args.audio, &error))?;
    let detections = [detect(&transcript, &knowledge), keys::detections(&keyed)].concat();
    let policy = &args.known.policy;
    let missing = planning::unplaced(&detections, &transcript, policy, shape).len();
    if missing > 0 {
        return Err(Failure::failed_check(
            format!(
                "{} cannot be placed on the recording",
                count(missing as u64, "found item")
            ),
            "Their words have no times. Get a transcript with word times, or write a plan by hand.",
        ));
    }
    let style = args
        .style
        .map_or(RedactionStyle::Noise, RedactionStyle::from);
    let plan = planning::plan(&detections, &transcript, policy, shape, style);
    let mut seeds = Seeds::new();
    draw_missing(&plan, &mut seeds)?;
    Ok((plan, seeds))
}

fn open_audio<'a>(
    path: &Path,
    original: &'a mut Box<dyn Bytes>,
) -> Result<PcmReader<&'a mut Box<dyn Bytes>>, Failure> {
    PcmReader::open(original).map_err(|error| bad_audio(path, &error))
}

fn bad_audio(path: &Path, error: &AudioError) -> Failure {
    Failure::failed_check(
        format!("`{}` cannot be redacted: {error}", path.display()),
        "Retrieve it in another format, such as WAV with PCM or G.711, or name your own ffmpeg with --decoder.",
    )
}

/// One random seed for each replaced span that has none, from the operating system.
fn draw_missing(plan: &RedactionPlan, seeds: &mut Seeds) -> Result<(), Failure> {
    for id in render::spans_to_seed(plan) {
        if seeds.contains_key(id) {
            continue;
        }
        let mut seed = [0_u8; 32];
        getrandom::fill(&mut seed).map_err(|_| {
            Failure::unavailable("The system gives no random numbers", "Restart the system.")
        })?;
        seeds.insert(id.clone(), SpanSeed::new(seed));
    }
    Ok(())
}

/// Writes the redacted recording; it appears whole or not at all.
fn write_audio(
    original: &mut Box<dyn Bytes>,
    out: &Path,
    plan: &RedactionPlan,
    seeds: &Seeds,
    stop: &Stop,
) -> Result<Rendered, Failure> {
    let mut rendered = None;
    let written = files::write(out, |file| {
        let outcome = render::render(original, &mut stop.writer(file), plan, seeds);
        let refused = outcome.is_err();
        rendered = Some(outcome);
        // The reason is in `rendered`; this only keeps the file from appearing.
        if refused {
            Err(io::Error::other("not rendered"))
        } else {
            Ok(())
        }
    });
    match (rendered, written) {
        (Some(Err(error)), _) => Err(Failure::failed_check(
            format!("The recording could not be redacted: {error}"),
            "Nothing was written.",
        )),
        (Some(Ok(rendered)), Ok(())) => Ok(rendered),
        (_, Err(failure)) => Err(failure),
        (None, Ok(())) => Err(Failure::failed_check(
            "Nothing was rendered",
            "Report this to support.",
        )),
    }
}

/// Reads the finished file again. A file that does not pass is removed. // S0-59
fn check(
    original: &mut Box<dyn Bytes>,
    out: &Path,
    plan: &RedactionPlan,
    rendered: &Rendered,
) -> Result<Report, Failure> {
    let mut redacted = input::open(out)?;
    let report = Report::from(&verify::verify(
        original,
        &mut redacted,
        plan,
        &rendered.ranges,
    ));
    let subject = format!("The redacted recording `{}`", out.display());
    if let Err(failure) = report.require(&subject) {
        fs::remove_file(out).map_err(|error| files::unwritable(out, error.kind()))?;
        return Err(Failure {
            hint: "It was removed. Report this to support.".to_owned(),
            ..failure
        });
    }
    Ok(report)
}

fn write_beside(
    args: &RedactArgs,
    plan: RedactionPlan,
    rendered: Rendered,
    decoded: Option<Decoded>,
    report: Report,
) -> Result<ResultFile, Failure> {
    let plan_path = args.out.with_extension("plan.json");
    let report_path = args.out.with_extension("verification.json");
    let original_sha256 = match &decoded {
        Some(decoded) => decoded.original_sha256.clone(),
        None => rendered.original_sha256.to_string(),
    };
    let delivered = match &decoded {
        Some(_) => Delivered::Converted,
        None => rendered.delivered,
    };
    let result = ResultFile {
        output: args.out.display().to_string(),
        plan: plan_path.display().to_string(),
        original_sha256,
        delivered: delivered.name(),
        decoded_by: decoded,
        redacted_sha256: rendered.redacted_sha256.to_string(),
        size_bytes: rendered.size_bytes,
        frames: rendered.frames,
        spans: plan.spans.len(),
        replaced: plan.spans.iter().filter(|span| span.is_replaced()).count(),
        to_review: plan.open_spans().count(),
        report,
    };
    let file = PlanFile {
        plan,
        ranges: rendered.ranges,
        delivered: Some(delivered),
    };
    files::write_text(&plan_path, &file.to_json())?;
    let json = serde_json::to_string_pretty(&result).expect("our own types have string keys");
    files::write_text(&report_path, &format!("{json}\n"))?;
    Ok(result)
}
