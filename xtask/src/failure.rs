/// Why a command did not do what it is for.
#[derive(Debug, PartialEq)]
pub(crate) enum Failure {
    /// It was asked in a way that it does not understand; the usage follows the message. Exit code 2.
    Usage(String),
    /// Something on the way did not work. Exit code 1.
    Failed(String),
}

impl From<String> for Failure {
    fn from(message: String) -> Self {
        Self::Failed(message)
    }
}
