//! The icon's pictures, made from `icons/tray.svg` by `cargo x icons`.

use super::Glyph;
use tauri::image::Image;

/// A glyph in the sizes that trays ask for. Template pictures are black and take the colour of the menu bar.
pub(crate) fn of(glyph: Glyph) -> Vec<Image<'static>> {
    macro_rules! picture {
        ($name:literal) => {
            [
                include_bytes!(concat!("../../../icons/tray/", $name, ".png")).as_slice(),
                include_bytes!(concat!("../../../icons/tray/", $name, "@2x.png")).as_slice(),
            ]
        };
    }
    let pictures = match glyph {
        Glyph::Idle => picture!("idle"),
        Glyph::Working => picture!("working"),
        Glyph::Unreachable => picture!("unreachable"),
        Glyph::Off => picture!("off"),
        Glyph::NeedsYou(0) => picture!("needs-you"),
        Glyph::NeedsYou(1) => picture!("needs-you-1"),
        Glyph::NeedsYou(2) => picture!("needs-you-2"),
        Glyph::NeedsYou(3) => picture!("needs-you-3"),
        Glyph::NeedsYou(4) => picture!("needs-you-4"),
        Glyph::NeedsYou(5) => picture!("needs-you-5"),
        Glyph::NeedsYou(6) => picture!("needs-you-6"),
        Glyph::NeedsYou(7) => picture!("needs-you-7"),
        Glyph::NeedsYou(8) => picture!("needs-you-8"),
        Glyph::NeedsYou(9) => picture!("needs-you-9"),
        Glyph::NeedsYou(_) => picture!("needs-you-more"),
    };
    pictures.into_iter().filter_map(|bytes| Image::from_bytes(bytes).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_glyph_has_both_sizes_and_none_looks_like_another() {
        let mut all: Vec<Vec<u8>> = Vec::new();
        let glyphs = [Glyph::Idle, Glyph::Working, Glyph::Unreachable, Glyph::Off];
        for glyph in glyphs.into_iter().chain((0..=10).map(Glyph::NeedsYou)) {
            let pictures = of(glyph);
            let sizes: Vec<u32> = pictures.iter().map(Image::width).collect();
            assert_eq!(sizes, [32, 64], "{glyph:?}");
            // By shape, not by colour alone: what is opaque differs, or what is light in it.
            let shape: Vec<u8> = pictures[1]
                .rgba()
                .chunks_exact(4)
                .map(|p| u8::from(p[3] > 96) + u8::from(p[1] > 140))
                .collect();
            assert!(!all.contains(&shape), "{glyph:?}");
            all.push(shape);
        }
    }
}
