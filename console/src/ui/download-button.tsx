/** What a download button is made of. */
export interface DownloadButtonProps {
  /** Makes what is saved, when it is asked for. */
  readonly content: () => string | Uint8Array<ArrayBuffer>;
  readonly fileName: string;
}

/** Saves a text or bytes as a file. */
export function DownloadButton({ content, fileName }: DownloadButtonProps) {
  return (
    <button type="button" class="quiet" onClick={() => save(content(), fileName)}>
      Download
    </button>
  );
}

function save(content: string | Uint8Array<ArrayBuffer>, fileName: string): void {
  const url = URL.createObjectURL(new Blob([content], { type: "application/octet-stream" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = fileName.replaceAll(/[^\w.-]+/g, "-");
  link.click();
  URL.revokeObjectURL(url);
}
