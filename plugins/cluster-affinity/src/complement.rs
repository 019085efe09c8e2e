use portolan_plugin::Cluster;

/// The clusters that are missing from an ascending list, ascending.
pub(crate) fn complement(of: &[Cluster], size: u32) -> Vec<Cluster> {
    let mut listed = of.iter().peekable();
    (0..size).filter(|cluster| listed.next_if_eq(&cluster).is_none()).collect()
}

#[cfg(test)]
mod tests {
    use super::complement;

    #[test]
    fn what_is_listed_is_left_out() {
        assert_eq!(complement(&[], 3), [0, 1, 2]);
        assert_eq!(complement(&[1], 3), [0, 2]);
        assert_eq!(complement(&[0, 2], 3), [1]);
        assert_eq!(complement(&[0, 1, 2], 3), [0; 0]);
        assert_eq!(complement(&[], 0), [0; 0]);
    }
}
