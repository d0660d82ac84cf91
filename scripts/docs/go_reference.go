// Prints the reference of a Go package as JSON, from its declarations and doc comments: go run go_reference.go FOLDER.
package main

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/printer"
	"go/token"
	"os"
	"path/filepath"
	"strings"
)

type entry struct {
	Name      string  `json:"name"`
	Signature string  `json:"signature"`
	Text      string  `json:"text"`
	Members   []entry `json:"members,omitempty"`
}

var files = token.NewFileSet()

func main() {
	paths, err := filepath.Glob(filepath.Join(os.Args[1], "*.go"))
	check(err)
	var parsed []*ast.File
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(files, path, nil, parser.ParseComments)
		check(err)
		parsed = append(parsed, file)
	}
	found, err := doc.NewFromFiles(files, parsed, "package")
	check(err)
	var functions, types []entry
	for _, each := range found.Funcs {
		functions = append(functions, function(each))
	}
	for _, each := range found.Types {
		// An option's functions are functions like others.
		for _, maker := range each.Funcs {
			functions = append(functions, function(maker))
		}
		one := entry{Name: each.Name, Signature: printed(each.Decl), Text: strings.TrimSpace(each.Doc)}
		for _, value := range each.Consts {
			one.Members = append(one.Members, entry{Name: strings.Join(value.Names, ", "), Signature: printed(value.Decl), Text: strings.TrimSpace(value.Doc)})
		}
		for _, method := range each.Methods {
			member := function(method)
			member.Name = each.Name + "." + member.Name
			one.Members = append(one.Members, member)
		}
		types = append(types, one)
	}
	check(json.NewEncoder(os.Stdout).Encode(map[string]any{"functions": functions, "types": types}))
}

func function(of *doc.Func) entry {
	of.Decl.Body = nil
	return entry{Name: of.Name, Signature: printed(of.Decl), Text: strings.TrimSpace(of.Doc)}
}

func printed(node any) string {
	if declaration, ok := node.(*ast.GenDecl); ok {
		declaration.Doc = nil
	}
	if declaration, ok := node.(*ast.FuncDecl); ok {
		declaration.Doc = nil
	}
	var out bytes.Buffer
	settings := printer.Config{Mode: printer.UseSpaces | printer.TabIndent, Tabwidth: 4}
	check(settings.Fprint(&out, files, &printer.CommentedNode{Node: node, Comments: nil}))
	return strings.ReplaceAll(out.String(), "\t", "    ")
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
