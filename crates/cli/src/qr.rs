//! A QR code in the terminal.

use qrcode::render::unicode;
use qrcode::{EcLevel, QrCode};

/// The code as text, light on dark or dark on light as the terminal is; nothing if the text is too long for one.
pub(crate) fn render(text: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(text, EcLevel::L).ok()?;
    // Inverted: most terminals are dark, and cameras want dark modules on light ground.
    Some(
        code.render::<unicode::Dense1x2>()
            .dark_color(unicode::Dense1x2::Light)
            .light_color(unicode::Dense1x2::Dark)
            .build(),
    )
}
