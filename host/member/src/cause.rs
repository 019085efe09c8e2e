//! Why something came to nothing, in one line.

use std::error::Error;
use std::fmt::{self, Display};

/// Why something came to nothing. The errors of clients repeat their causes, or leave them out; here each is said once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    text: String,
    /// What the server answered; none: it did not, or nothing that can be read.
    pub code: Option<u16>,
}

impl Cause {
    /// Everything that led to an error, the outermost first.
    pub fn of(error: &(dyn Error + 'static)) -> Self {
        let code = match error.downcast_ref() {
            Some(kube::Error::Api(status)) => {
                return Self { text: status.message.trim().to_owned(), code: Some(status.code) };
            }
            _ => None,
        };
        let mut text = error.to_string();
        let mut next = error.source();
        while let Some(cause) = next {
            let said = cause.to_string();
            if !text.contains(&said) {
                text = format!("{text}: {said}");
            }
            next = cause.source();
        }
        Self { text, code }
    }
}

impl Cause {
    /// One that is known here.
    pub(crate) fn new(text: &str) -> Self {
        Self { text: text.to_owned(), code: None }
    }
}

impl From<kube::Error> for Cause {
    fn from(error: kube::Error) -> Self {
        Self::of(&error)
    }
}

impl Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Error for Cause {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cause_is_said_once() {
        let inner = std::io::Error::other("the disk is full");
        let outer = kube::Error::ReadEvents(std::io::Error::other(inner));
        assert_eq!(Cause::from(outer).to_string(), "Error reading events stream: the disk is full");
        let status = kube::core::Status::failure("not yours", "Forbidden").with_code(403);
        let refused = Cause::from(kube::Error::Api(status.boxed()));
        assert_eq!((refused.to_string().as_str(), refused.code), ("not yours", Some(403)));
    }
}
