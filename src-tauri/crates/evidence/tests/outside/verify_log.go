// Checks an audit log with golang.org/x/mod/sumdb, which was written for the checksum database of Go and
// knows nothing about SAR Portal. Everything that is decided here is decided by its packages note and tlog.
//
//	verify_log log VKEY FOLDER              every entry and tile of an exported log
//	verify_log proof VKEY ENTRY PROOF       one entry with its tlog-proof
//	verify_log growth VKEY OLDER REQUEST    a checkpoint grew out of an older one (tlog-witness request)
package main

import (
	"encoding/binary"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const width = 256

func main() {
	if len(os.Args) < 4 {
		fail("too few arguments")
	}
	vkey := strings.TrimSpace(os.Args[2])
	switch os.Args[1] {
	case "log":
		checkLog(vkey, os.Args[3])
	case "proof":
		checkProof(vkey, read(os.Args[3]), string(read(os.Args[4])))
	case "growth":
		checkGrowth(vkey, string(read(os.Args[3])), string(read(os.Args[4])))
	default:
		fail("unknown mode")
	}
	fmt.Println("verified")
}

func fail(why ...interface{}) {
	fmt.Fprintln(os.Stderr, why...)
	os.Exit(1)
}

func must(err error) {
	if err != nil {
		fail(err)
	}
}

func read(path string) []byte {
	data, err := os.ReadFile(path)
	must(err)
	return data
}

// open checks the signature of a checkpoint and reads its three lines.
func open(vkey, text string) tlog.Tree {
	verifier, err := note.NewVerifier(vkey)
	must(err)
	signed, err := note.Open([]byte(text), note.VerifierList(verifier))
	must(err)
	lines := strings.Split(signed.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() {
		fail("not a checkpoint of this log")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err)
	root, err := tlog.ParseHash(lines[2])
	must(err)
	return tlog.Tree{N: size, Hash: root}
}

// files reads hash tiles where C2SP tlog-tiles puts them; Go's own paths name the height as well.
type files struct{ folder string }

func (files) Height() int                          { return 8 }
func (files) SaveTiles(_ []tlog.Tile, _ [][]byte) {}
func (f files) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		data, err := os.ReadFile(filepath.Join(f.folder, path))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func entries(folder string, size int64) [][]byte {
	var all [][]byte
	for first := int64(0); first < size; first += width {
		count := size - first
		if count > width {
			count = width
		}
		path := tlog.Tile{H: 8, L: -1, N: first / width, W: int(count)}.Path()
		path = strings.Replace(path, "tile/8/data/", "tile/entries/", 1)
		bundle := read(filepath.Join(folder, path))
		for len(bundle) > 0 {
			if len(bundle) < 2 || len(bundle) < 2+int(binary.BigEndian.Uint16(bundle)) {
				fail("the bundle does not add up", path)
			}
			end := 2 + int(binary.BigEndian.Uint16(bundle))
			all = append(all, bundle[2:end])
			bundle = bundle[end:]
		}
	}
	return all
}

func checkLog(vkey, folder string) {
	tree := open(vkey, string(read(filepath.Join(folder, "checkpoint"))))
	leaves := entries(folder, tree.N)
	if int64(len(leaves)) != tree.N {
		fail("the log has", len(leaves), "entries, signed are", tree.N)
	}
	// Every tile is authenticated against the signed root before a hash of it is used.
	reader := tlog.TileHashReader(tree, files{folder})
	for seq, leaf := range leaves {
		stored, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, int64(seq))})
		must(err)
		if stored[0] != tlog.RecordHash(leaf) {
			fail("entry", seq, "does not have its hash")
		}
	}
}

func hashes(lines []string) []tlog.Hash {
	var all []tlog.Hash
	for _, line := range lines {
		raw, err := base64.StdEncoding.DecodeString(line)
		if err != nil || len(raw) != tlog.HashSize {
			fail("not a hash:", line)
		}
		var hash tlog.Hash
		copy(hash[:], raw)
		all = append(all, hash)
	}
	return all
}

// split parts a proof from the checkpoint after it.
func split(text string) ([]string, string) {
	head, checkpoint, found := strings.Cut(text, "\n\n")
	if !found {
		fail("no checkpoint")
	}
	return strings.Split(head, "\n"), checkpoint
}

func checkProof(vkey string, entry []byte, proof string) {
	lines, checkpoint := split(proof)
	if lines[0] != "c2sp.org/tlog-proof@v1" {
		fail("not a proof")
	}
	seq, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
	must(err)
	tree := open(vkey, checkpoint)
	must(tlog.CheckRecord(hashes(lines[2:]), tree.N, tree.Hash, seq, tlog.RecordHash(entry)))
}

func checkGrowth(vkey, older, request string) {
	lines, checkpoint := split(request)
	before, after := open(vkey, older), open(vkey, checkpoint)
	if lines[0] != fmt.Sprintf("old %d", before.N) {
		fail("the request is about another checkpoint")
	}
	must(tlog.CheckTree(hashes(lines[1:]), after.N, after.Hash, before.N, before.Hash))
}
