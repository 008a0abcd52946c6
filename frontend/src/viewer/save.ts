import { Files, inDesktopWindow } from '../lib/api';
import { tried } from '../state/acts';
import { say } from '../ui';

/** saveFile stores what the address serves where the servant says. */
export async function saveFile(url: string, name: string): Promise<void> {
  if (inDesktopWindow) {
    await tried(async () => {
      if (await Files.SaveAs(url, name)) say(`${name} foi salvo.`);
    });
    return;
  }
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
}
