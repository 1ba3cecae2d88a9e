//! Flows: whole use cases through the real services and the real HTTP client against the sandbox.

#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod flows {
    mod answer;
    mod architecture;
    mod archives;
    mod bad_input;
    mod closing;
    mod egress;
    mod export;
    mod fault_campaign;
    mod faults;
    mod jobs;
    mod learning;
    mod legal_hold;
    mod log_records;
    mod main_job;
    mod nothing_in_the_clear;
    mod places;
    mod second_person;
    mod source;
    mod source_person;
    mod support;
}
