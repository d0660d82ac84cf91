package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/stepwell/stepwell/clients/go"
)

// command is one line that the driver is told.
type command struct {
	Do             string            `json:"do"`
	Run            string            `json:"run"`
	RunID          *text             `json:"run_id"`
	RunName        *text             `json:"run_name"`
	ExperimentName *text             `json:"experiment_name"`
	Key            text              `json:"key"`
	Value          json.RawMessage   `json:"value"`
	Step           *string           `json:"step"`
	Timestamp      *string           `json:"timestamp"`
	ModelID        *text             `json:"model_id"`
	Metrics        map[string]string `json:"metrics"`
	Steps          []string          `json:"steps"`
	Values         []string          `json:"values"`
	Timestamps     *[]string         `json:"timestamps"`
	Count          int64             `json:"count"`
	First          int64             `json:"first"`
	Characters     int               `json:"characters"`
	Status         *text             `json:"status"`
	Seconds        *float64          `json:"seconds"`
	Commands       []json.RawMessage `json:"commands"`
	Inherits       string            `json:"inherits"`
}

// context is bounded where the command has a time.
func (c *command) context() (context.Context, context.CancelFunc) {
	if c.Seconds == nil {
		return context.WithCancel(context.Background())
	}
	return context.WithTimeout(context.Background(), time.Duration(*c.Seconds*float64(time.Second)))
}

func (c *command) more() (more []stepwell.PointOption, err error) {
	if c.Timestamp != nil {
		timestamp, err := wholeOf(c.Timestamp)
		if err != nil {
			return nil, err
		}
		more = append(more, stepwell.AtMs(timestamp))
	}
	if c.ModelID != nil {
		id, err := c.ModelID.text()
		if err != nil {
			return nil, err
		}
		more = append(more, stepwell.OfModel(id))
	}
	return more, nil
}

func logSeries(run *stepwell.Run, c *command) error {
	key, err := c.Key.text()
	if err != nil {
		return err
	}
	series := stepwell.Series{}
	if series.Steps, err = wholes(c.Steps); err != nil {
		return err
	}
	for _, each := range c.Values {
		value, err := parseDouble(each)
		if err != nil {
			return err
		}
		series.Values = append(series.Values, value)
	}
	if c.Timestamps != nil {
		if series.TimestampsMs, err = wholes(*c.Timestamps); err != nil {
			return err
		}
	}
	return run.LogSeries(key, series)
}

func wholes(texts []string) ([]int64, error) {
	numbers := make([]int64, 0, len(texts))
	for _, each := range texts {
		number, err := wholeOf(&each)
		if err != nil {
			return nil, err
		}
		numbers = append(numbers, number)
	}
	return numbers, nil
}

// wholeOf is 0 where nothing is given: a step is no option in Go.
func wholeOf(given *string) (int64, error) {
	if given == nil {
		return 0, nil
	}
	number, err := strconv.ParseInt(*given, 10, 64)
	if err != nil {
		return 0, cannot("an int64 has no such number")
	}
	return number, nil
}

func doubleOf(given json.RawMessage) (float64, error) {
	var text string
	if json.Unmarshal(given, &text) != nil {
		return 0, cannot("a float64 has no such number")
	}
	return parseDouble(text)
}

func parseDouble(text string) (float64, error) {
	number, err := strconv.ParseFloat(text, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, cannot("a float64 has no such number")
	}
	return number, nil
}

// text is a JSON string, one that is repeated, or bytes that may be no Unicode.
type text struct{ raw json.RawMessage }

func (t *text) UnmarshalJSON(raw []byte) error {
	t.raw = append([]byte{}, raw...)
	return nil
}

func (t *text) text() (string, error) { return textOf(t.raw) }

func textOf(raw json.RawMessage) (string, error) {
	var plain string
	if json.Unmarshal(raw, &plain) == nil {
		return plain, nil
	}
	var other struct {
		Text  *string `json:"text"`
		Times *int    `json:"times"`
		UTF8  *string `json:"utf8"`
	}
	if json.Unmarshal(raw, &other) != nil {
		return "", cannot("a string holds no such thing")
	}
	switch {
	case other.Text != nil && other.Times != nil:
		return strings.Repeat(*other.Text, *other.Times), nil
	case other.Text != nil:
		return *other.Text, nil
	case other.UTF8 != nil:
		bytes, err := hex.DecodeString(*other.UTF8)
		return string(bytes), err
	}
	return "", cannot("a string has no UTF-16")
}
