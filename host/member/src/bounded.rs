//! How much of an answer is read. Whoever runs a member runs its API server, and may let it say anything for ever.

use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame, SizeHint};
use kube::client::{Body as KubeBody, ClientBuilder};
use kube::{Client, Config};
use tower::Service;
use tower::layer::layer_fn;

/// The longest answer about one object, and the longest event of a watch. An API server keeps objects of up to 1.5 MiB in
/// its database; as JSON those may be twice as long.
const OBJECT: usize = 3 << 20;

/// The longest page of a list: [`PAGE`] objects as large as an API server keeps them.
const LIST: usize = 64 << 20;

/// How many objects a page of a list has, so that the largest fit into what is read of it.
pub const PAGE: u32 = 40;

/// What is read of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bound {
    /// So many bytes of all of it.
    Whole(usize),
    /// So many bytes of each line of it: a watch goes on for ever.
    Line(usize),
}

/// An answer was longer than what is read of one.
#[derive(Debug, thiserror::Error)]
#[error("the API server's answer is longer than {} KiB: no more of it is read", self.0 / 1024)]
pub struct TooLong(usize);

impl TooLong {
    /// Whether that is what an error comes from.
    pub(crate) fn within<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a Self> {
        let mut next = Some(error);
        while let Some(error) = next {
            if let Some(too_long) = error.downcast_ref() {
                return Some(too_long);
            }
            next = error.source();
        }
        None
    }
}

/// A client that reads no more of any answer than there can be in an honest one: 3 MiB about one object, 64 MiB of a list's
/// page, 3 MiB of each event of a watch. It follows no redirect.
pub fn client(config: Config) -> Result<Client, kube::Error> {
    Ok(ClientBuilder::try_from(config)?.with_layer(&layer_fn(Bounding)).build())
}

/// Bounds what comes back from a service.
struct Bounding<S>(S);

impl<S, B> Service<Request<KubeBody>> for Bounding<S>
where
    S: Service<Request<KubeBody>, Response = Response<B>>,
    S::Future: Send + 'static,
    B: 'static,
{
    type Response = Response<Bounded<B>>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: Request<KubeBody>) -> Self::Future {
        let bound = Bound::of(request.uri().query().unwrap_or_default());
        let answer = self.0.call(request);
        Box::pin(async move {
            let bounded = |body| Bounded { body: Box::pin(body), bound, read: 0 };
            answer.await.map(|answer| answer.map(bounded))
        })
    }
}

impl Bound {
    /// What is read of the answer to a request with this query.
    fn of(query: &str) -> Self {
        let asks = |what: &str| query.split('&').any(|part| part.starts_with(what));
        if asks("watch=") {
            Self::Line(OBJECT)
        } else if asks("limit=") {
            Self::Whole(LIST)
        } else {
            Self::Whole(OBJECT)
        }
    }

    /// How much has been read of what is bounded, once this has come too.
    fn count(self, read: usize, data: &[u8]) -> Result<usize, TooLong> {
        let (most, read) = match self {
            Self::Whole(most) => (most, read + data.len()),
            // What comes in one piece is in memory already: what counts is what has to be kept for the next.
            Self::Line(most) => match data.iter().rposition(|byte| *byte == b'\n') {
                Some(end) => (most, data.len() - end - 1),
                None => (most, read + data.len()),
            },
        };
        if read > most { Err(TooLong(most)) } else { Ok(read) }
    }
}

/// An answer of which no more is read than is honest.
struct Bounded<B> {
    body: Pin<Box<B>>,
    bound: Bound,
    read: usize,
}

impl<B> Body for Bounded<B>
where
    B: Body<Data = Bytes>,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    type Data = Bytes;
    type Error = Box<dyn Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let Some(frame) = ready!(self.body.as_mut().poll_frame(context)) else { return Poll::Ready(None) };
        let frame = frame.map_err(Into::into)?;
        if let Some(data) = frame.data_ref() {
            self.read = self.bound.count(self.read, data)?;
        }
        Poll::Ready(Some(Ok(frame)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_tells_how_much_is_read() {
        assert_eq!(Bound::of("fieldManager=portolan"), Bound::Whole(OBJECT));
        assert_eq!(Bound::of("&limit=40&labelSelector=a"), Bound::Whole(LIST));
        assert_eq!(Bound::of("&watch=true&timeoutSeconds=290"), Bound::Line(OBJECT));
    }

    #[test]
    fn a_whole_answer_and_a_line_end_somewhere() {
        let whole = Bound::Whole(10);
        assert_eq!(whole.count(4, b"12\n456").expect("ten are allowed"), 10);
        assert!(whole.count(5, b"12\n456").is_err());
        let line = Bound::Line(4);
        assert_eq!(line.count(3, b"1\n23").expect("a new line began"), 2);
        assert_eq!(
            line.count(2, b"123").expect_err("it is too long").to_string(),
            "the API server's answer is longer than 0 KiB: no more of it is read"
        );
    }
}
