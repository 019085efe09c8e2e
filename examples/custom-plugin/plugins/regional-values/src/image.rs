/// The same image, from another registry. What does not look like a registry belongs to the image's path.
pub(crate) fn through(mirror: &str, image: &str) -> String {
    let path = match image.split_once('/') {
        Some((registry, path)) if registry.contains(['.', ':']) || registry == "localhost" => path,
        _ => image,
    };
    format!("{mirror}/{path}")
}

#[cfg(test)]
mod tests {
    use super::through;

    #[test]
    fn the_registry_is_what_looks_like_one() {
        for (image, expected) in [
            ("registry.example.com/team/shop:2.1", "m.eu/team/shop:2.1"),
            ("localhost:5000/shop", "m.eu/shop"),
            ("localhost/shop", "m.eu/shop"),
            ("team/shop@sha256:0a", "m.eu/team/shop@sha256:0a"),
            ("nginx:1", "m.eu/nginx:1"),
        ] {
            assert_eq!(through("m.eu", image), expected);
        }
    }
}
