/**
 * Sizes of tiles. A tile is a few rows (owners) by some columns (alternatives); its numbers lie row
 * by row in working memory that every thread has to itself.
 */

/** Columns that lie side by side in a panel, two vectors. */
export const panelWidth = 8;
export const panelBytes: number = 4 * panelWidth;
/** Rows of a tile: a multiple of every block of registers. */
export const tileRows = 24;
/** Columns of a tile: a multiple of panels and of every block of registers. */
export const tileColumns = 144;
/** Bytes from row to row: room for a block that begins in the last columns, and no power of two. */
export const rowBytes: number = 4 * (tileColumns + panelWidth);
export const tileBytes: number = tileRows * rowBytes;
/** Most rows of a block, for which a tile of columns is packed once. */
export const blockRows = 240;

/** A length rounded up to whole panels. */
export const padded = (length: number): number => panelWidth * Math.ceil(length / panelWidth);
