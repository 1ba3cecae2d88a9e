//! A finished set in a bucket: whole, encrypted, locked, and nothing of somebody else replaced. // S2-40…S2-44

use std::{collections::BTreeMap, path::Path};

use domain::sensitive::Secret;
use sandbox::{EvidenceBucket, EvidenceBucketOptions, scenario::Scenario};
use services::{
    api::{ApiError, ErrorCode},
    export::{UploadRequest, Uploaded, upload_export},
};
use tokio_util::sync::CancellationToken;

use super::{super::support::Desk, export, files, request, trouble::status, write};
use crate::flows::egress::details;

async fn bucket(options: EvidenceBucketOptions) -> EvidenceBucket {
    EvidenceBucket::start(options)
        .await
        .expect("the bucket starts")
}

fn order(bucket: &EvidenceBucket, set: &Path, more: &str) -> UploadRequest {
    let settings = format!(
        "bucket = \"court-exports\"\nprefix = \"2026/case-7\"\nregion = \"eu-west-2\"\nendpoint = \"{}\"\n{more}",
        bucket.url()
    );
    let (id, key) = EvidenceBucket::KEY;
    let secret = Secret::new(format!("{id}\n{key}\n"));
    UploadRequest::new(set.to_owned(), &settings, secret).unwrap()
}

async fn upload(desk: &Desk, request: &UploadRequest) -> Result<Uploaded, ApiError> {
    upload_export(&desk.app, request, &|_, _| (), &CancellationToken::new()).await
}

/// The files of a set as they must lie in the bucket.
fn expected(set: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = files(set).into_iter();
    files
        .map(|(name, bytes)| (format!("2026/case-7/{name}"), bytes))
        .collect()
}

fn lying(bucket: &EvidenceBucket) -> BTreeMap<String, Vec<u8>> {
    let objects = bucket.objects().into_iter();
    objects
        .map(|(name, bytes)| (name, bytes.to_vec()))
        .collect()
}

/// S2-40, S2-41, S2-43: every file is there, and a second run sends nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_set_lies_in_the_bucket_byte_by_byte() {
    let desk = Desk::new().await;
    let set = request(&desk, "*");
    export(&desk, &set).await.unwrap();
    let bucket = bucket(EvidenceBucketOptions {
        locks_until: Some("2036-01-01T00:00:00.000Z"),
        ..EvidenceBucketOptions::default()
    })
    .await;
    let order = order(
        &bucket,
        &set.out,
        "kms_key_id = \"arn:key\"\nobject_lock = true\n",
    );
    let first = upload(&desk, &order).await.unwrap();
    assert_eq!(lying(&bucket), expected(&set.out));
    assert_eq!(
        (first.sent, first.files),
        (first.files, expected(&set.out).len() as u64)
    );
    assert_eq!(first.encryption, "aws:kms");
    assert!(first.locked_until_utc.is_some());
    let second = upload(&desk, &order).await.unwrap();
    assert_eq!((second.sent, second.files), (0, first.files));
    let log = desk.log().await;
    let entry = log
        .iter()
        .rfind(|it| it.action == "EXPORT_UPLOADED")
        .unwrap();
    assert_eq!(entry.actor, "ann");
    assert_eq!(details(entry)["outcome"], "complete");
    assert!(!entry.json.contains("case-7"), "{}", entry.json);
    desk.app.close().await;
}

/// What passes heals; what stops the copy leaves the report out, so that it cannot be taken for whole; the next
/// run sends the rest.
#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_broke_off_goes_on() {
    let desk = Desk::new().await;
    let set = request(&desk, "*");
    export(&desk, &set).await.unwrap();
    let flaky = bucket(EvidenceBucketOptions {
        scenario: Scenario::first(2, "*", status(503, None)),
        ..EvidenceBucketOptions::default()
    })
    .await;
    upload(&desk, &order(&flaky, &set.out, "")).await.unwrap();
    assert_eq!(lying(&flaky), expected(&set.out));

    // The seventh request is refused for good.
    let mut refusing = Scenario::always("*", status(403, None));
    refusing.faults[0].nth = Some(7);
    let broken = bucket(EvidenceBucketOptions {
        scenario: refusing,
        ..EvidenceBucketOptions::default()
    })
    .await;
    let order = order(&broken, &set.out, "");
    let refused = upload(&desk, &order).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::NotPermitted, "{refused}");
    let so_far = broken.objects().len() as u64;
    assert!(!broken.objects().contains_key("2026/case-7/report.json"));
    let rest = upload(&desk, &order).await.unwrap();
    assert_eq!(rest.sent + so_far, rest.files);
    assert_eq!(lying(&broken), expected(&set.out));
    desk.app.close().await;
}

/// A file larger than one part goes in parts, and arrives as one.
#[tokio::test(flavor = "multi_thread")]
async fn a_large_file_goes_in_parts() {
    let desk = Desk::new().await;
    let set = request(&desk, "*");
    export(&desk, &set).await.unwrap();
    // A file that a person laid beside the set; only its size matters here.
    let large: Vec<u8> = (0..40_000_000_u32).map(|it| (it % 251) as u8).collect();
    write(&set.out.join("notes.bin"), &large);
    let bucket = bucket(EvidenceBucketOptions::default()).await;
    upload(&desk, &order(&bucket, &set.out, "")).await.unwrap();
    assert!(bucket.objects()["2026/case-7/notes.bin"] == large);
    assert_eq!(bucket.open_uploads(), 0);
    desk.app.close().await;
}

/// S2-43, S2-44: a bucket that does not encrypt or lock as it was ordered is refused, and so is another's object.
#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_is_not_as_ordered_is_refused() {
    let desk = Desk::new().await;
    let set = request(&desk, "*");
    let early = bucket(EvidenceBucketOptions::default()).await;
    let unfinished = upload(&desk, &order(&early, &set.out, ""))
        .await
        .unwrap_err();
    assert_eq!(unfinished.code, ErrorCode::InvalidInput, "{unfinished}");
    export(&desk, &set).await.unwrap();

    let in_the_clear = bucket(EvidenceBucketOptions {
        ignores_encryption: true,
        ..EvidenceBucketOptions::default()
    })
    .await;
    let refused = upload(&desk, &order(&in_the_clear, &set.out, ""))
        .await
        .unwrap_err();
    assert!(refused.message.contains("encryption `none`"), "{refused}");

    let open = bucket(EvidenceBucketOptions::default()).await;
    let refused = upload(&desk, &order(&open, &set.out, "object_lock = true"))
        .await
        .unwrap_err();
    assert!(refused.message.contains("not locked"), "{refused}");

    let taken = bucket(EvidenceBucketOptions::default()).await;
    taken.plant("2026/case-7/report.json", b"another case");
    let refused = upload(&desk, &order(&taken, &set.out, ""))
        .await
        .unwrap_err();
    assert_eq!(refused.code, ErrorCode::IntegrityFailure, "{refused}");
    assert_eq!(
        taken.objects()["2026/case-7/report.json"].as_ref(),
        b"another case"
    );

    desk.app.close().await;
}
