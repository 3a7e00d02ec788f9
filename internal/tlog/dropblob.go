package tlog

import "fmt"

// DropBlobs forgets blobs: chunks that no release in force names any longer. What is not here is no error. A blob dropped too
// early comes again from any other copy.
func (r *Reader) DropBlobs(hashes [][32]byte) error {
	err := r.db.update(func(c *conn) error {
		for _, hash := range hashes {
			if _, err := c.exec("DELETE FROM blob WHERE hash = ?", hash[:]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("dropping %d blobs: %w", len(hashes), err)
	}
	return nil
}
