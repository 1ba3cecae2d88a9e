//! Whose subject access request the demo answers.

/// The data subject of the demo and what a case worker would know about her.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DemoSubject {
    /// Full name.
    pub name: &'static str,
    /// Phone numbers in E.164; each finds other calls.
    pub phones: [&'static str; 2],
    /// Value of the participant attribute `customer_id`; finds calls with a withheld number.
    pub customer_id: &'static str,
    /// E-mail address.
    pub email: &'static str,
    /// IANA zone in which the request states its time range.
    pub zone: &'static str,
    /// First local moment of the request, inclusive.
    pub from_local: &'static str,
    /// Last local moment of the request, exclusive. A call twenty minutes later must not be found.
    pub to_local: &'static str,
    /// The same range in UTC as the API writes intervals; summer time begins inside it.
    pub interval: &'static str,
}

/// The request of the demo.
pub const fn demo_subject() -> DemoSubject {
    DemoSubject {
        name: "Amelia Hartley",
        phones: ["+447700900123", "+447700900876"],
        customer_id: "CUST-104882",
        email: "amelia.hartley@example.com",
        zone: "Europe/London",
        from_local: "2026-03-01T00:00:00",
        to_local: "2026-04-11T00:00:00",
        interval: "2026-03-01T00:00:00.000Z/2026-04-10T23:00:00.000Z",
    }
}
