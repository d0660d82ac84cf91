// Package check refuses at the call what the daemon would refuse later, so that the caller learns of it there.
package check

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/stepwell/stepwell/clients/go/internal/contract"
	"github.com/stepwell/stepwell/clients/go/internal/fault"
)

// Key refuses a key that MLflow would not take: STEPWELL_KEY_INVALID or STEPWELL_TEXT_MALFORMED.
func Key(key string) error {
	if !utf8.ValidString(key) {
		return malformed("The key")
	}
	if length := utf8.RuneCountInString(key); length > contract.KeyCodePointsMax {
		return fault.New("STEPWELL_KEY_INVALID", "The key has %d characters; %d are allowed.", length, contract.KeyCodePointsMax)
	}
	if key == "" || strings.ContainsFunc(key, isRefused) {
		return fault.New("STEPWELL_KEY_INVALID", "The key %q is empty or has a character that MLflow refuses.", key)
	}
	if !isPlainPath(key) {
		return fault.New("STEPWELL_KEY_INVALID", "The key %q is no plain relative path.", key)
	}
	return nil
}

func isRefused(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !strings.ContainsRune("_-.:/ ", r)
}

func isPlainPath(key string) bool {
	if strings.HasPrefix(key, "..") {
		return false
	}
	for part := range strings.SplitSeq(key, "/") {
		if part == "" || part == "." || part == ".." {
			return false
		}
	}
	return true
}

// Text refuses text that is malformed or too long: STEPWELL_TEXT_MALFORMED or STEPWELL_VALUE_TOO_LONG.
func Text(what, text string, codePointsMax int) error {
	if !utf8.ValidString(text) {
		return malformed(what)
	}
	// Code points never outnumber bytes, so that most texts need no count.
	if len(text) <= codePointsMax {
		return nil
	}
	if length := utf8.RuneCountInString(text); length > codePointsMax {
		return fault.New("STEPWELL_VALUE_TOO_LONG", "%s has %d characters; %d are allowed.", what, length, codePointsMax)
	}
	return nil
}

// ParamText is a param's value as text.
func ParamText(key string, value any) (string, error) {
	text := fmt.Sprint(value)
	return text, Text(fmt.Sprintf("The param %q", key), text, contract.ParamValueCodePointsMax)
}

// TagText is a tag's value as text.
func TagText(key string, value any) (string, error) {
	text := fmt.Sprint(value)
	return text, Text(fmt.Sprintf("The tag %q", key), text, contract.TagValueCodePointsMax)
}

// ExperimentName refuses one that is too long or malformed; an empty one stands for none.
func ExperimentName(name string) error {
	if !utf8.ValidString(name) {
		return malformed("The experiment's name")
	}
	if utf8.RuneCountInString(name) > contract.ExperimentNameCodePointsMax {
		return fault.New("STEPWELL_EXPERIMENT_INVALID", "%.80q is no name of an experiment.", name)
	}
	return nil
}

// RunID refuses what is not 32 lower-case hexadecimal digits: STEPWELL_RUN_ID_INVALID.
func RunID(id string) error {
	if len(id) == 32 && !strings.ContainsFunc(id, func(r rune) bool { return !strings.ContainsRune("0123456789abcdef", r) }) {
		return nil
	}
	return fault.New("STEPWELL_RUN_ID_INVALID", "%.80q is no run id.", id)
}

// ModelID refuses what can't be the id of a logged model; an empty one stands for none.
func ModelID(id string) error {
	isOther := func(r rune) bool {
		return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("_.-", r)
	}
	if len(id) <= contract.ModelIDCharactersMax && !strings.ContainsFunc(id, isOther) {
		return nil
	}
	return fault.New("STEPWELL_MODEL_ID_INVALID", "%.80q is no id of a logged model.", id)
}

// Timestamp refuses a time before 1970: STEPWELL_TIMESTAMP_INVALID.
func Timestamp(ms int64) error {
	if ms < 0 {
		return fault.New("STEPWELL_TIMESTAMP_INVALID", "The timestamp %d is out of range.", ms)
	}
	return nil
}

func malformed(what string) error {
	return fault.New("STEPWELL_TEXT_MALFORMED", "%s is no well-formed UTF-8.", what)
}
