package awsapi

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// Decimal is a JSON number that is kept as it was written, so that 1.1 stays
// eleven tenths. The zero value is 0.
type Decimal struct{ text string }

// maxExponent is far beyond any number with a meaning here, and small enough
// for sums of exponents.
const maxExponent = 1000

// NewDecimal is scaled / 10^digits, written without needless zeros: 15 and 1
// make 1.5, 20 and 1 make 2.
func NewDecimal(scaled int64, digits int) Decimal {
	sign := ""
	if scaled < 0 {
		sign = "-"
	}
	text := strings.TrimLeft(strconv.FormatInt(scaled, 10), "-")
	if pad := digits + 1 - len(text); pad > 0 {
		text = strings.Repeat("0", pad) + text
	}
	whole, fraction := text[:len(text)-digits], strings.TrimRight(text[len(text)-digits:], "0")
	if fraction != "" {
		whole += "." + fraction
	}
	return Decimal{text: sign + whole}
}

// Scaled is d * 10^digits; ok is false if that is not a whole number of 18
// digits at most.
func (d Decimal) Scaled(digits int) (scaled int64, ok bool) {
	mantissa, exponent, err := d.split()
	if err != nil {
		return 0, false
	}
	trimmed := strings.TrimRight(mantissa, "0")
	if strings.Trim(trimmed, "-") == "" {
		return 0, true
	}
	exponent += len(mantissa) - len(trimmed) + digits
	if exponent < 0 || exponent+len(trimmed) > 18 {
		return 0, false
	}
	scaled, err = strconv.ParseInt(trimmed+strings.Repeat("0", exponent), 10, 64)
	return scaled, err == nil
}

// split takes d apart into a whole number and the power of ten it stands for.
func (d Decimal) split() (mantissa string, exponent int, err error) {
	text := strings.ToLower(d.String())
	text, power, hasPower := strings.Cut(text, "e")
	if hasPower {
		if exponent, err = strconv.Atoi(power); err != nil || exponent < -maxExponent || exponent > maxExponent {
			return "", 0, fmt.Errorf("read the exponent of %s: out of range", d.text)
		}
	}
	whole, fraction, _ := strings.Cut(text, ".")
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "-", whole[1:]
	}
	return sign + strings.TrimLeft(whole+fraction, "0"), exponent - len(fraction), nil
}

// String is d as it was written.
func (d Decimal) String() string {
	if d.text == "" {
		return "0"
	}
	return d.text
}

// MarshalJSON writes d as it was written.
func (d Decimal) MarshalJSON() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalJSON keeps the number b.
func (d *Decimal) UnmarshalJSON(b []byte) error {
	var n json.Number
	if err := json.Unmarshal(b, &n); err != nil {
		return err
	}
	d.text = n.String()
	return nil
}
