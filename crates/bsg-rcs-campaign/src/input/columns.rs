//! Which columns of a list hold the numbers and the labels.

use super::quote;
use super::sheet::{Sheet, column_name};

/// Names of columns that hold phone numbers and nothing else, as [`column_name`] gives them.
const UNMISTAKABLE: [&str; 46] = [
    "cell",
    "cell number",
    "cell phone",
    "cellphone",
    "cellulare",
    "celular",
    "cep telefonu",
    "gsm",
    "handy",
    "handynr",
    "handynummer",
    "komórka",
    "mobil",
    "mobile",
    "mobile number",
    "mobile phone",
    "mobile phone number",
    "mobilnummer",
    "mobiltelefon",
    "msisdn",
    "móvil",
    "número de teléfono",
    "phone",
    "phone no",
    "phone number",
    "phonenumber",
    "rufnummer",
    "tel",
    "telefon",
    "telefono",
    "telefonnummer",
    "telefoon",
    "telemóvel",
    "telephone",
    "telephone number",
    "telefone",
    "teléfono",
    "téléphone",
    "мобильный",
    "мобильный телефон",
    "мобільний",
    "мобільний телефон",
    "номер телефона",
    "номер телефону",
    "телефон",
    "電話番号",
];
/// A name that such a column may have, if no other has one.
const POSSIBLE: &str = "number";
/// The name of the column that holds the label, unless another is chosen.
const LABEL_COLUMN: &str = "reference";
/// So many digits in a field of the first line, and it is a number rather than a name.
const DIGITS_OF_A_NUMBER: usize = 7;

/// Whether a column of this name (as [`column_name`] gives it) can hold the numbers; `chosen` is the
/// name that the user chose.
pub(super) fn is_known(column: &str, chosen: Option<&str>) -> bool {
    match chosen {
        Some(chosen) => column == column_name(chosen),
        None => is_unmistakable(column) || column == POSSIBLE,
    }
}

/// Which column holds the labels: the chosen one, or `reference` if there is a header.
///
/// # Errors
/// A sentence if the chosen one is not there.
pub(super) fn label_column(
    sheet: &Sheet,
    has_header: bool,
    chosen: Option<&str>,
) -> Result<Option<usize>, String> {
    match chosen {
        Some(_) if !has_header => Err("it has no columns, so none has the labels".to_owned()),
        Some(name) => sheet.only(name).map(Some),
        None if has_header => Ok(sheet.named(LABEL_COLUMN).first().copied()),
        None => Ok(None),
    }
}

/// Whether a column of this name holds phone numbers: `phone`, but also `phone 2` and `phone 1
/// value`, as contact books export them.
fn is_unmistakable(column: &str) -> bool {
    let base = column.strip_suffix(" value").unwrap_or(column);
    // One digit: more are a number, and its line no header.
    let base = base.strip_suffix(|c: char| c.is_ascii_digit()).unwrap_or(base).trim_end();
    UNMISTAKABLE.contains(&column) || UNMISTAKABLE.contains(&base)
}

/// Which column holds the numbers; none if the sheet is a list of them without a header.
///
/// # Errors
/// A sentence if there is no such column, or several.
pub(super) fn number_column(sheet: &Sheet, chosen: Option<&str>) -> Result<Option<usize>, String> {
    if let Some(chosen) = chosen {
        return sheet.only(chosen).map(Some);
    }
    let of = |is_one: &dyn Fn(&str) -> bool| {
        let names = sheet.first.iter().map(|field| column_name(field)).enumerate();
        names.filter(|(_, name)| is_one(name)).map(|(at, _)| at).collect::<Vec<_>>()
    };
    let unmistakable = of(&is_unmistakable);
    let found = if unmistakable.is_empty() { of(&|name| name == POSSIBLE) } else { unmistakable };
    match found.as_slice() {
        [only] => Ok(Some(*only)),
        [] => without_known_column(sheet),
        several => {
            let names = several.iter().filter_map(|at| sheet.first.get(*at));
            let names = names.map(String::as_str).collect::<Vec<_>>();
            let listed = quote::columns(names.into_iter());
            Err(format!("several columns may hold the numbers, choose one with --column: {listed}"))
        }
    }
}

fn without_known_column(sheet: &Sheet) -> Result<Option<usize>, String> {
    match sheet.first.as_slice() {
        [only] if is_number(only) => Ok(None),
        // The first line may hold numbers: it is counted, not quoted.
        fields if fields.iter().any(|field| is_number(field)) => Err(format!(
            "its first line has {} fields and is no header: name one of them phone, msisdn or number",
            fields.len()
        )),
        _ => Err(format!(
            "no column is named phone, mobile, msisdn or number: choose one with --column; it has: {}",
            sheet.listed()
        )),
    }
}

/// Whether a field of the first line is a number, good or bad, and no name of a column.
fn is_number(field: &str) -> bool {
    let digits = field.chars().filter(|character| character.is_numeric()).count();
    let has_letters = field.chars().any(char::is_alphabetic);
    digits >= DIGITS_OF_A_NUMBER || (digits > 0 && !has_letters)
}
