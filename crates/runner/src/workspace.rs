//! Where runs may work.

use offdesk_protocol::{ErrorCode, Problem};
use std::path::{Path, PathBuf};

/// The workspace, absolute and with links followed, so that no link leads out of the roots.
pub(crate) fn check(roots: &[PathBuf], dir: &str) -> Result<PathBuf, Problem> {
    let path = Path::new(dir);
    if !path.is_absolute() {
        return Err(Problem::new(ErrorCode::BadRequest, format!("“{dir}” is not an absolute folder."))
            .hint("Give the whole path, from the root on."));
    }
    // Without the prefix that Windows puts before what it resolved: its own shell starts elsewhere in such a folder.
    let real = dunce::canonicalize(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => {
            Problem::new(ErrorCode::NotFound, format!("There is no folder {dir}."))
                .hint("Make it first, or choose another.")
        }
        _ => Problem::new(ErrorCode::BadRequest, format!("The folder {dir} cannot be used: {error}.")),
    })?;
    if !real.is_dir() {
        return Err(Problem::new(ErrorCode::BadRequest, format!("{dir} is not a folder.")));
    }
    let inside =
        roots.iter().filter_map(|root| dunce::canonicalize(root).ok()).any(|root| real.starts_with(root));
    if inside {
        return Ok(real);
    }
    let allowed: Vec<String> = roots.iter().map(|root| root.display().to_string()).collect();
    Err(Problem::new(
        ErrorCode::OutsideRoots,
        format!("{dir} is outside the folders in which runs may work."),
    )
    .hint(format!(
        "Allowed: {}. The settings, or `offdesk serve --root`, allow another.",
        allowed.join(", ")
    )))
}

pub(crate) fn children(dir: &Path) -> Result<Vec<String>, Problem> {
    let entries = std::fs::read_dir(dir).map_err(|error| {
        Problem::new(ErrorCode::BadRequest, format!("{} cannot be listed: {error}.", dir.display()))
    })?;
    let mut names: Vec<String> = entries
        .flatten()
        .filter(|entry| entry.path().is_dir())
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| !name.starts_with('.'))
        .collect();
    names.sort_by_key(|name| name.to_lowercase());
    names.truncate(500);
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_real_folders_inside_the_roots_are_workspaces() {
        let home = tempfile::tempdir().unwrap();
        let root = home.path().join("projects");
        std::fs::create_dir_all(root.join("api/.git")).unwrap();
        std::fs::create_dir(home.path().join("secret")).unwrap();
        std::fs::write(root.join("file"), "").unwrap();
        let roots = vec![root.clone()];
        let code = |dir: &Path| check(&roots, dir.to_str().unwrap()).unwrap_err().code;

        assert_eq!(
            check(&roots, root.join("api").to_str().unwrap()).unwrap(),
            dunce::canonicalize(root.join("api")).unwrap()
        );
        assert!(check(&roots, root.to_str().unwrap()).is_ok(), "a root is a workspace itself");
        assert_eq!(code(&home.path().join("secret")), ErrorCode::OutsideRoots);
        assert_eq!(code(&root.join("api/../../secret")), ErrorCode::OutsideRoots);
        assert_eq!(code(&root.join("nowhere")), ErrorCode::NotFound);
        assert_eq!(code(&root.join("file")), ErrorCode::BadRequest);
        assert_eq!(code(Path::new("projects")), ErrorCode::BadRequest);
        assert_eq!(children(&root).unwrap(), ["api"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_does_not_lead_out_of_the_roots() {
        let home = tempfile::tempdir().unwrap();
        let root = home.path().join("projects");
        std::fs::create_dir_all(&root).unwrap();
        std::os::unix::fs::symlink("/usr", root.join("link")).unwrap();
        let refused = check(std::slice::from_ref(&root), root.join("link").to_str().unwrap()).unwrap_err();
        assert_eq!(refused.code, ErrorCode::OutsideRoots);
    }
}
