//go:build !unix

package disk

// dirsSync says that a folder can be synced, and has to be.
const dirsSync = false
