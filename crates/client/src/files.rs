//! Files of the host.

use crate::{Answer, Client, ClientError};
use offdesk_protocol::*;
use reqwest::{Method, RequestBuilder};

/// Below which folder files are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FilesOf {
    /// A run's workspace.
    Run(RunId),
    /// One of the roots, as the gateway names it.
    Root(String),
}

/// What is wanted of a folder's names.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted {
    /// Hidden ones, too.
    pub hidden: bool,
    /// Also those that git ignores, in a search.
    pub ignored: bool,
}

/// Bytes of a file as they come.
#[derive(Debug)]
pub struct Download {
    response: reqwest::Response,
    /// The file's tag.
    pub etag: String,
}

impl Download {
    pub(crate) fn of(response: reqwest::Response) -> Self {
        let tag = response.headers().get("etag").and_then(|tag| tag.to_str().ok()).unwrap_or_default();
        let etag = tag.trim_matches('"').to_string();
        Self { response, etag }
    }

    /// The next bytes; nothing at the end.
    ///
    /// # Errors
    /// When the line breaks: then the rest can be asked for with the same tag.
    pub async fn next(&mut self) -> Answer<Option<Vec<u8>>> {
        let chunk = self.response.chunk().await.map_err(|error| ClientError::Garbled(error.to_string()))?;
        Ok(chunk.map(|chunk| chunk.to_vec()))
    }
}

impl Client {
    fn of_file(&self, what: &str, of: &FilesOf, path: &str) -> RequestBuilder {
        let request = self.request(Method::GET, &format!("/api/v1/files/{what}")).query(&[("path", path)]);
        match of {
            FilesOf::Run(run) => request.query(&[("run", run.to_string())]),
            FilesOf::Root(root) => request.query(&[("root", root)]),
        }
    }

    /// A part of what is in a folder.
    pub async fn list_files(
        &self,
        of: &FilesOf,
        path: &str,
        wanted: Wanted,
        offset: u32,
    ) -> Answer<FileList> {
        let request = self.of_file("list", of, path);
        self.json(request.query(&[("hidden", wanted.hidden.to_string()), ("offset", offset.to_string())]))
            .await
    }

    /// What a file is.
    pub async fn file_info(&self, of: &FilesOf, path: &str) -> Answer<FileInfo> {
        self.json(self.of_file("info", of, path)).await
    }

    /// Files by parts of their paths.
    pub async fn find_files(
        &self,
        of: &FilesOf,
        words: &str,
        wanted: Wanted,
        limit: u32,
    ) -> Answer<FoundFiles> {
        let wish = [("hidden", wanted.hidden.to_string()), ("ignored", wanted.ignored.to_string())];
        let request = self.of_file("find", of, "").query(&wish).query(&[("limit", limit)]);
        self.json(request.query(&[("q", words)])).await
    }

    /// A file's bytes from an offset on; with a tag, only those of that content. `secrets`: a person wants them even
    /// if they hold a key or a password.
    pub async fn download(
        &self,
        of: &FilesOf,
        path: &str,
        secrets: bool,
        from: u64,
        etag: Option<&str>,
    ) -> Answer<Download> {
        let mut request = self.of_file("content", of, path).query(&[("secrets", secrets)]);
        if let Some(etag) = etag {
            request = request.query(&[("etag", etag)]);
        }
        if from > 0 {
            request = request.header("range", format!("bytes={from}-"));
        }
        Ok(Download::of(self.send(request).await?))
    }

    /// Puts a whole upload into a folder.
    pub async fn put_file(&self, wish: &PutFile) -> Answer<FilePut> {
        self.post("/files/put", wish).await
    }
}
