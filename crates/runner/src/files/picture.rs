//! Small pictures of pictures, so that a folder of photos costs a phone little.

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageDecoder as _, ImageFormat, ImageReader, Limits};
use offdesk_protocol::{ErrorCode, Problem};
use std::fs::File;
use std::io::{BufReader, Cursor, Seek as _, SeekFrom};
use std::sync::{Mutex, PoisonError};

/// Pixels of the longer side.
const SIDE: u32 = 256;
/// Larger files are not opened for it.
const LARGEST: u64 = 64 * 1024 * 1024;
/// Pixels of a side beyond which a picture is left alone.
const WIDEST: u32 = 20_000;
/// Bytes a picture may take unpacked: a small file can claim to be endless.
const MOST_MEMORY: u64 = 256 * 1024 * 1024;
/// One at a time, for the sake of memory.
static BUSY: Mutex<()> = Mutex::new(());

/// A small picture: its media type, its bytes and its sides.
pub(super) struct Small {
    pub media_type: &'static str,
    pub bytes: Vec<u8>,
    pub width: u32,
    pub height: u32,
}

/// The media types that pages show as pictures.
pub(super) fn is_picture(media_type: &str) -> bool {
    matches!(media_type, "image/png" | "image/jpeg" | "image/gif" | "image/webp")
}

pub(super) fn small(mut file: File, size: u64) -> Result<Small, Problem> {
    let none =
        |why: &str| Problem::new(ErrorCode::Unsupported, format!("There is no small picture of it: {why}."));
    if size > LARGEST {
        return Err(none("the file is too large"));
    }
    let _one = BUSY.lock().unwrap_or_else(PoisonError::into_inner);
    let made = || -> image::ImageResult<Small> {
        file.seek(SeekFrom::Start(0))?;
        let mut limits = Limits::default();
        limits.max_image_width = Some(WIDEST);
        limits.max_image_height = Some(WIDEST);
        limits.max_alloc = Some(MOST_MEMORY);
        let mut reader = ImageReader::new(BufReader::new(file)).with_guessed_format()?;
        reader.limits(limits);
        let mut decoder = reader.into_decoder()?;
        // Phones lay pictures on their side and say so.
        let turned = decoder.orientation()?;
        let mut picture = DynamicImage::from_decoder(decoder)?;
        let longer = picture.width().max(picture.height());
        if longer > SIDE {
            picture = picture.thumbnail(SIDE, SIDE);
        }
        picture.apply_orientation(turned);
        let (width, height) = (picture.width(), picture.height());
        let mut bytes = Cursor::new(Vec::new());
        let media_type = if picture.color().has_alpha() {
            picture.to_rgba8().write_to(&mut bytes, ImageFormat::Png)?;
            "image/png"
        } else {
            picture.to_rgb8().write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, 80))?;
            "image/jpeg"
        };
        Ok(Small { media_type, bytes: bytes.into_inner(), width, height })
    };
    made().map_err(|error| none(&error.to_string()))
}
