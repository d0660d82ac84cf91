// Package daemon finds the daemon of a home, starts one where there is none, and opens connections to it.
//
// A client believes what the home's endpoint file says and then sends everything there. So it is believed only where
// nobody but this user and root could have written it.
package daemon

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/user"
	"path/filepath"
	"strings"

	"github.com/stepwell/stepwell/clients/go/internal/contract"
	"github.com/stepwell/stepwell/clients/go/internal/fault"
)

// Settings say which daemon is meant. What is empty is not given.
type Settings struct {
	// Endpoint of a daemon of whatever home; nothing is started then.
	Endpoint string
	// Home is an absolute path.
	Home string
	// Command that starts the daemon, with its arguments.
	Command []string
	// Autostart says whether a daemon may be started.
	Autostart bool
}

// HomeOf is the folder that the environment names, which need not be there: STEPWELL_HOME_UNUSABLE where none can be told.
func HomeOf(variable func(string) string) (string, error) {
	home := variable("STEPWELL_HOME")
	if home == "" {
		data := variable("XDG_DATA_HOME")
		if data == "" {
			of := variable("HOME")
			if of == "" {
				who, err := user.Current()
				if err != nil || who.HomeDir == "" {
					return "", fault.New("STEPWELL_HOME_UNUSABLE", "HOME is not set, and the system knows no home of this user.")
				}
				of = who.HomeDir
			}
			data = filepath.Join(of, ".local", "share")
		}
		home = filepath.Join(data, "stepwell")
	}
	absolute, err := filepath.Abs(home)
	if err != nil {
		return "", fault.New("STEPWELL_HOME_UNUSABLE", "The home %s has no absolute path: %v.", home, err).Because(err)
	}
	return absolute, nil
}

// CommandOf splits a command as a shell does, as far as quotes and backslashes.
func CommandOf(text string) ([]string, error) {
	var words []string
	var word strings.Builder
	quote, inWord, escaped := rune(0), false, false
	for _, each := range text {
		switch {
		case escaped:
			word.WriteRune(each)
			escaped = false
		case each == '\\' && quote != '\'':
			escaped, inWord = true, true
		case quote != 0 && each == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(each)
		case each == '\'' || each == '"':
			quote, inWord = each, true
		case each == ' ' || each == '\t' || each == '\n':
			if inWord {
				words = append(words, word.String())
				word.Reset()
				inWord = false
			}
		default:
			word.WriteRune(each)
			inWord = true
		}
	}
	if quote != 0 || escaped {
		return nil, fault.New("STEPWELL_SETTING_INVALID", "STEPWELL_COMMAND is %q, which has an open quotation.", text)
	}
	if inWord {
		words = append(words, word.String())
	}
	if len(words) == 0 {
		return []string{"stepwell"}, nil
	}
	return words, nil
}

type endpointFile struct {
	Endpoint string `json:"endpoint"`
	Home     string `json:"home"`
	HomeID   string `json:"home_id"`
}

// readEndpoint answers what the home's endpoint file says, nil where there is none, and STEPWELL_HOME_OPEN where others
// could have written it.
func readEndpoint(home string) (*endpointFile, error) {
	path := filepath.Join(home, "endpoint.json")
	if err := checkEndpointFile(home, path); err != nil {
		return nil, err
	}
	text, err := readPlain(path, contract.EndpointFileBytesMax)
	if err != nil {
		return nil, nil
	}
	var content endpointFile
	if json.Unmarshal(text, &content) != nil {
		return nil, nil
	}
	return &content, nil
}

func checkEndpointFile(home, path string) error {
	folder, err := os.Stat(home)
	if err != nil {
		return nil
	}
	file, err := os.Stat(path)
	if err != nil {
		return nil
	}
	for _, each := range []struct {
		path string
		info os.FileInfo
	}{{home, folder}, {path, file}} {
		if owner, known := ownerOf(each.info); known && !isTrusted(owner) {
			return openHome(home, fmt.Sprintf("%s belongs to another user (id %d)", each.path, owner))
		}
	}
	// In a folder like /tmp nobody takes away what is another's.
	if othersWrite(folder) && folder.Mode()&os.ModeSticky == 0 {
		return openHome(home, "others may write into it")
	}
	if othersWrite(file) {
		return openHome(home, fmt.Sprintf("others may write into %s", path))
	}
	return nil
}

// CheckFolder refuses a home that others may write into; one that is missing is nobody's.
func CheckFolder(home string) error {
	folder, err := os.Stat(home)
	if err != nil {
		return nil
	}
	if owner, known := ownerOf(folder); known && !isTrusted(owner) {
		return openHome(home, fmt.Sprintf("it belongs to another user (id %d)", owner))
	}
	if othersWrite(folder) && folder.Mode()&os.ModeSticky == 0 {
		return openHome(home, "others may write into it")
	}
	return nil
}

func openHome(home, why string) error {
	return fault.New("STEPWELL_HOME_OPEN", "The home %s is open to others: %s.", home, why)
}

func isSameFolder(one, other string) bool {
	first, firstErr := os.Stat(one)
	second, secondErr := os.Stat(other)
	if firstErr != nil || secondErr != nil {
		return one == other
	}
	return os.SameFile(first, second)
}

// readPlain reads the beginning of a file; opening a pipe could take for ever.
func readPlain(path string, bytesMax int64) ([]byte, error) {
	file, err := os.OpenFile(path, os.O_RDONLY|withoutWaiting, 0)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no plain file", path)
	}
	return io.ReadAll(io.LimitReader(file, bytesMax))
}
