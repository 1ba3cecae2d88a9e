//! Why nobody could be signed in at a source: a service, an archive's account or a person.

/// Why a sign-in failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignInError {
    /// The login host refused the client.
    #[error(
        "`{host}` refused the sign-in ({code}): client id or secret is wrong, the client is disabled, \
         or it belongs to another region; compare them with the OAuth client in the organization's settings"
    )]
    Refused {
        /// The login host.
        host: String,
        /// The error code of RFC 6749.
        code: String,
    },
    /// An archive refused its service account. // S1-38
    #[error(
        "`{host}` refused the sign-in (status 401): the name, the password or the token of the service \
         account is wrong, or the account is disabled"
    )]
    AccountRefused {
        /// The archive.
        host: String,
    },
    /// The token was accepted by nobody, even a fresh one.
    #[error(
        "`{host}` refuses the token that the login host has just issued; check that API and login \
         address belong to the same region, and that this network's address is allowed"
    )]
    TokenRefused {
        /// The API host.
        host: String,
    },
    /// The credentials belong to a person. // S0-12
    #[error(
        "the credentials are of the type `{grant}`; a service needs an OAuth client of the type \
         client credentials, never a person's"
    )]
    NotAServiceClient {
        /// The type of the credentials.
        grant: String,
    },
    /// The credentials belong to a service, and a person was expected.
    #[error(
        "the OAuth client acts for itself; for the sign-in of a person it needs the grant type code \
         authorization with PKCE"
    )]
    NotAPerson,
    /// The sign-in of a person has run out, or was ended at the source.
    #[error("the sign-in at `{host}` has ended; sign in again")]
    SignInEnded {
        /// The login host.
        host: String,
    },
    /// The person said no.
    #[error("the sign-in was denied at `{host}`")]
    Denied {
        /// The login host.
        host: String,
    },
    /// Nobody came back in time.
    #[error("the browser did not come back in time")]
    TimedOut,
    /// What the browser brought belongs to another sign-in.
    #[error(
        "the browser brought the answer to another sign-in; it was not used, and this sign-in was stopped"
    )]
    WrongState,
    /// The login host sent the browser back without a code.
    #[error(
        "`{host}` did not let the client sign anybody in; check that its grant type is code \
         authorization with PKCE"
    )]
    NoCode {
        /// The login host.
        host: String,
    },
    /// The login host does not take its own code.
    #[error("`{host}` refused to complete the sign-in: its code was used before or is too old")]
    CodeRefused {
        /// The login host.
        host: String,
    },
    /// Somebody else listens where the browser comes back to.
    #[error("the port {port} of this computer, to which the browser comes back, is taken")]
    PortTaken {
        /// The port.
        port: u16,
    },
    /// The answer makes no sense.
    #[error("`{host}` did not answer like a login host; check the login address")]
    Unreadable {
        /// The login host.
        host: String,
    },
}
